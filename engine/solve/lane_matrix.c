// lane_matrix.c - the storage behind Newton's matrix. SUNDIALS only carries it from the function that evaluates the
// Jacobian to the linear solver, so it has no arithmetic of its own. Must not know how either works.
#include "solve/lane_matrix.h"
#include "base/memory.h"

static SUNMatrix_ID matrix_id(SUNMatrix matrix) {
  (void)matrix;
  return SUNMATRIX_CUSTOM;
}

static void matrix_destroy(SUNMatrix matrix) {
  wn_lane_matrix *content = matrix->content;
  if (content) {
    wn_free(content->gammas);
    wn_free(content->jacobian);
    wn_free(content->factors);
    wn_free(content);
    matrix->content = NULL;
  }
  SUNMatFreeEmpty(matrix);
}

SUNMatrix wn_lane_matrix_create(const wn_lu *lu, int n_state, int width, int n_nz, SUNContext context) {
  SUNMatrix matrix = SUNMatNewEmpty(context);
  if (!matrix) return NULL;
  matrix->ops->getid = matrix_id;
  matrix->ops->destroy = matrix_destroy;
  wn_lane_matrix *content = wn_alloc(sizeof *content);
  matrix->content = content;
  if (content) {
    content->lu = lu;
    content->n_state = n_state;
    content->width = width;
    content->gammas = wn_alloc_doubles((size_t)width);
    content->jacobian = wn_alloc_doubles((size_t)n_nz * (size_t)width);
    content->factors = wn_alloc_doubles(wn_lu_workspace(lu, width));
    if (content->gammas && content->jacobian && content->factors) return matrix;
  }
  matrix_destroy(matrix);
  return NULL;
}

wn_lane_matrix *wn_lane_matrix_of(SUNMatrix matrix) { return matrix->content; }
