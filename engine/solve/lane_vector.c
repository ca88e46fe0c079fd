// lane_vector.c - N_Vector over lanes: unpacks SUNDIALS' arguments and calls the loops of lane_ops.h. The fused
// operations are one loop each, because at a few states the passes over memory, not the arithmetic, are the cost.
// Operations that CVODE and ARKODE's explicit steppers never call are left out. Must not know what is integrated.
#include "solve/lane_vector.h"
#include "base/memory.h"
#include <assert.h>
#include <string.h>

typedef struct lane_content {
  wn_lane_space *space;
  double *data;
  struct lane_content *next;  // in the list of free blocks
} lane_content;

struct wn_lane_space {
  size_t n_state, width, size;  // size = n_state * width
  const wn_lane_ops *ops;
  int n_block;
  double *block;          // of all contents [n_block]
  lane_content *content;  // [n_block]
  lane_content *free;     // those not in use
};

wn_lane_space *wn_lane_space_create(int n_state, int width, int n_vector, const wn_lane_ops *ops) {
  assert(n_state > 0 && width > 0 && width % 4 == 0 && n_vector > 0);
  wn_lane_space *space = wn_alloc(sizeof *space);
  if (!space) return NULL;
  space->n_state = (size_t)n_state;
  space->width = (size_t)width;
  space->size = space->n_state * space->width;
  space->ops = ops;
  space->n_block = n_vector;
  // whole cache lines, so that each block is 64-byte aligned
  const size_t stride = (space->size + 7) / 8 * 8;
  space->block = wn_alloc_doubles(stride * (size_t)n_vector);
  space->content = wn_alloc(sizeof *space->content * (size_t)n_vector);
  if (!space->block || !space->content) {
    wn_lane_space_destroy(space);
    return NULL;
  }
  for (int i = n_vector - 1; i >= 0; i--) {
    lane_content *content = &space->content[i];
    *content = (lane_content){.space = space, .data = space->block + stride * (size_t)i, .next = space->free};
    space->free = content;
  }
  return space;
}

void wn_lane_space_destroy(wn_lane_space *space) {
  if (!space) return;
  wn_free(space->block);
  wn_free(space->content);
  wn_free(space);
}

static lane_content *content_take(wn_lane_space *space) {
  lane_content *content = space->free;
  if (content) {
    space->free = content->next;
    memset(content->data, 0, space->size * sizeof(double));
    return content;
  }
  content = wn_alloc(sizeof *content);
  if (!content) return NULL;
  *content = (lane_content){.space = space, .data = wn_alloc_doubles(space->size)};
  if (content->data) return content;
  wn_free(content);
  return NULL;
}

static void content_give(lane_content *content) {
  wn_lane_space *space = content->space;
  if (content >= space->content && content < space->content + space->n_block) {
    content->next = space->free;
    space->free = content;
    return;
  }
  wn_free(content->data);
  wn_free(content);
}

static lane_content *content_of(N_Vector v) { return v->content; }
static wn_lane_space *space_of(N_Vector v) { return content_of(v)->space; }
static double *data_of(N_Vector v) { return content_of(v)->data; }

double *wn_lane_data(N_Vector vector) { return data_of(vector); }

// --- the vector as an object

static N_Vector_ID lane_id(N_Vector v) {
  (void)v;
  return SUNDIALS_NVEC_CUSTOM;
}

static N_Vector lane_clone(N_Vector v) {
  N_Vector copy = N_VNewEmpty(v->sunctx);
  if (!copy) return NULL;
  copy->content = content_take(space_of(v));
  if (copy->content && N_VCopyOps(v, copy) == 0) return copy;
  if (copy->content) content_give(copy->content);
  N_VFreeEmpty(copy);
  return NULL;
}

static void lane_destroy(N_Vector v) {
  if (!v) return;
  content_give(content_of(v));
  N_VFreeEmpty(v);
}

static void lane_space(N_Vector v, sunindextype *n_real, sunindextype *n_integer) {
  *n_real = (sunindextype)space_of(v)->size;
  *n_integer = 1;
}

static double *lane_pointer(N_Vector v) { return data_of(v); }

static sunindextype lane_length(N_Vector v) { return (sunindextype)space_of(v)->size; }

// --- arithmetic

static void lane_linear_sum(double a, N_Vector x, double b, N_Vector y, N_Vector z) {
  const wn_lane_space *space = space_of(z);
  space->ops->linear_sum(space->size, a, data_of(x), b, data_of(y), data_of(z));
}

static void lane_const(double c, N_Vector z) { space_of(z)->ops->fill(space_of(z)->size, c, data_of(z)); }

static void lane_product(N_Vector x, N_Vector y, N_Vector z) {
  space_of(z)->ops->product(space_of(z)->size, data_of(x), data_of(y), data_of(z));
}

static void lane_quotient(N_Vector x, N_Vector y, N_Vector z) {
  space_of(z)->ops->quotient(space_of(z)->size, data_of(x), data_of(y), data_of(z));
}

static void lane_scale(double c, N_Vector x, N_Vector z) {
  const wn_lane_space *space = space_of(z);
  // SUNDIALS copies by scaling with 1
  if (c == 1.0) {
    if (x != z) memcpy(data_of(z), data_of(x), space->size * sizeof(double));
    return;
  }
  space->ops->scale(space->size, c, data_of(x), data_of(z));
}

static void lane_abs(N_Vector x, N_Vector z) { space_of(z)->ops->absolute(space_of(z)->size, data_of(x), data_of(z)); }

static void lane_inverse(N_Vector x, N_Vector z) {
  space_of(z)->ops->inverse(space_of(z)->size, data_of(x), data_of(z));
}

static void lane_add_constant(N_Vector x, double b, N_Vector z) {
  space_of(z)->ops->add_constant(space_of(z)->size, data_of(x), b, data_of(z));
}

static double lane_max_norm(N_Vector x) { return space_of(x)->ops->max_norm(space_of(x)->size, data_of(x)); }

static double lane_wrms_norm(N_Vector x, N_Vector w) {
  const wn_lane_space *space = space_of(x);
  return space->ops->worst_norm(space->n_state, space->width, data_of(x), data_of(w));
}

// --- several vectors at once; ARKODE's methods have up to 13 stages, CVODE's history at most 13 vectors

enum { MAX_VECTOR = 32 };

static int lane_combine(int n_vector, double *c, N_Vector *x, N_Vector z) {
  if (n_vector < 1 || n_vector > MAX_VECTOR) return -1;
  const wn_lane_space *space = space_of(z);
  const double *from[MAX_VECTOR];
  for (int k = 0; k < n_vector; k++) from[k] = data_of(x[k]);
  space->ops->combine(space->size, n_vector, c, from, data_of(z));
  return 0;
}

static int lane_scale_add(int n_vector, double *a, N_Vector x, N_Vector *y, N_Vector *z) {
  if (n_vector < 1 || n_vector > MAX_VECTOR) return -1;
  const wn_lane_space *space = space_of(x);
  const double *from[MAX_VECTOR];
  double *to[MAX_VECTOR];
  for (int k = 0; k < n_vector; k++) {
    from[k] = data_of(y[k]);
    to[k] = data_of(z[k]);
  }
  space->ops->scale_add(space->size, n_vector, a, data_of(x), from, to);
  return 0;
}

static int lane_linear_sum_array(int n_vector, double a, N_Vector *x, double b, N_Vector *y, N_Vector *z) {
  for (int k = 0; k < n_vector; k++) lane_linear_sum(a, x[k], b, y[k], z[k]);
  return 0;
}

static int lane_scale_array(int n_vector, double *c, N_Vector *x, N_Vector *z) {
  for (int k = 0; k < n_vector; k++) lane_scale(c[k], x[k], z[k]);
  return 0;
}

static int lane_const_array(int n_vector, double c, N_Vector *z) {
  for (int k = 0; k < n_vector; k++) lane_const(c, z[k]);
  return 0;
}

static int lane_wrms_norm_array(int n_vector, N_Vector *x, N_Vector *w, double *norm) {
  for (int k = 0; k < n_vector; k++) norm[k] = lane_wrms_norm(x[k], w[k]);
  return 0;
}

N_Vector wn_lane_vector_create(wn_lane_space *space, SUNContext context) {
  N_Vector v = N_VNewEmpty(context);
  if (!v) return NULL;
  v->content = content_take(space);
  if (!v->content) {
    N_VFreeEmpty(v);
    return NULL;
  }
  v->ops->nvgetvectorid = lane_id;
  v->ops->nvclone = lane_clone;
  v->ops->nvdestroy = lane_destroy;
  v->ops->nvspace = lane_space;
  v->ops->nvgetarraypointer = lane_pointer;
  v->ops->nvgetlength = lane_length;
  v->ops->nvlinearsum = lane_linear_sum;
  v->ops->nvconst = lane_const;
  v->ops->nvprod = lane_product;
  v->ops->nvdiv = lane_quotient;
  v->ops->nvscale = lane_scale;
  v->ops->nvabs = lane_abs;
  v->ops->nvinv = lane_inverse;
  v->ops->nvaddconst = lane_add_constant;
  v->ops->nvmaxnorm = lane_max_norm;
  v->ops->nvwrmsnorm = lane_wrms_norm;
  v->ops->nvlinearcombination = lane_combine;
  v->ops->nvscaleaddmulti = lane_scale_add;
  v->ops->nvlinearsumvectorarray = lane_linear_sum_array;
  v->ops->nvscalevectorarray = lane_scale_array;
  v->ops->nvconstvectorarray = lane_const_array;
  v->ops->nvwrmsnormvectorarray = lane_wrms_norm_array;
  return v;
}
