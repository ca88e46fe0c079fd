// vm_body.h - the loop that runs straight-line code on vectors of lanes, included once by each set of kernels, which
// first includes lanes.h and defines WN_BEGIN, WN_MAP1, WN_SIN, WN_COS, WN_POW, WN_SQRT, WN_FLOOR and WN_FUSED. Private
// to expr/. Invariant: lane by lane the same operations as wn_scalar_op, so the bits depend neither on the width nor on
// the set.

// a case of the loop: one row of n vectors from others
#define SET(expression)              \
  EACH_VECTOR out[v] = (expression); \
  break

#define SELECT(mask, yes, no) ((vec)(((mask) & (bits)(yes)) | (~(mask) & (bits)(no))))
#define TRUTH(mask) ((vec)((mask) & (bits)one))

#define PAIRS(first, sign)                                                     \
  case WN_CODE_PAIR_OF(first, WN_THEN_ADD): SET((a[v] sign b[v]) + c[v]);      \
  case WN_CODE_PAIR_OF(first, WN_THEN_SUB): SET((a[v] sign b[v]) - c[v]);      \
  case WN_CODE_PAIR_OF(first, WN_THEN_MUL): SET((a[v] sign b[v]) * c[v]);      \
  case WN_CODE_PAIR_OF(first, WN_THEN_DIV): SET((a[v] sign b[v]) / c[v]);      \
  case WN_CODE_PAIR_OF(first, WN_THEN_SUB_FROM): SET(c[v] - (a[v] sign b[v])); \
  case WN_CODE_PAIR_OF(first, WN_THEN_DIV_INTO): SET(c[v] / (a[v] sign b[v]))

static inline vec_at *row_of(double *const base[], wn_operand operand, size_t width) {
  return (vec_at *)(base[operand & 7] + (operand >> 3) * width);
}

static void look_up(const wn_table *table, bool slope, int n, const vec_at *a, vec_at *out) {
  EACH_VECTOR
  for (int lane = 0; lane < VECTOR; lane++)
    out[v][lane] = slope ? wn_table_slope(table, a[v][lane]) : wn_table_value(table, a[v][lane]);
}

// VECTOR * n lanes of every row; inlined with n known, so that the loops over a row unroll
static inline __attribute__((always_inline)) void run_lanes(const wn_code *code, const wn_table *table,
                                                            double *const base[], size_t width, const int n) {
  const vec zero = {0}, one = (vec){0} + 1;
  WN_BEGIN;
  for (const wn_instruction *next = code->data, *end = next + code->n; next < end; next++) {
    vec_at *out = row_of(base, next->out, width);
    const vec_at *a = row_of(base, next->a, width);
    const vec_at *b = row_of(base, next->b, width);
    const vec_at *c = row_of(base, next->c, width);
    switch (next->code) {
    case WN_CODE_COPY: SET(a[v]);
    case WN_OP_ADD: SET(a[v] + b[v]);
    case WN_OP_SUB: SET(a[v] - b[v]);
    case WN_OP_MUL: SET(a[v] * b[v]);
    case WN_OP_DIV:
      SET(a[v] / b[v]);
      PAIRS(WN_FIRST_ADD, +);
      PAIRS(WN_FIRST_SUB, -);
      PAIRS(WN_FIRST_MUL, *);
      PAIRS(WN_FIRST_DIV, /);
    case WN_CODE_FUSED_ADD: SET(WN_FUSED(a[v], b[v], c[v]));
    case WN_CODE_FUSED_SUB: SET(WN_FUSED(a[v], b[v], -c[v]));
    case WN_CODE_FUSED_SUB_FROM: SET(WN_FUSED(-a[v], b[v], c[v]));
    case WN_OP_NEG: SET(-a[v]);
    case WN_OP_ABS: SET(MAGNITUDE(a[v]));
    case WN_OP_MIN: SET(SELECT((a[v] < b[v]) | (a[v] != a[v]), a[v], b[v]));
    case WN_OP_MAX: SET(SELECT((a[v] > b[v]) | (a[v] != a[v]), a[v], b[v]));
    case WN_OP_LT: SET(TRUTH(a[v] < b[v]));
    case WN_OP_LE: SET(TRUTH(a[v] <= b[v]));
    case WN_OP_EQ: SET(TRUTH(a[v] == b[v]));
    case WN_OP_AND: SET(TRUTH((a[v] != zero) & (b[v] != zero)));
    case WN_OP_OR: SET(TRUTH((a[v] != zero) | (b[v] != zero)));
    case WN_OP_NOT: SET(TRUTH(a[v] == zero));
    case WN_OP_WHERE: SET(SELECT(a[v] != zero, b[v], c[v]));
    case WN_OP_SQRT: WN_SQRT; break;
    case WN_OP_FLOOR: WN_FLOOR; break;
    case WN_OP_EXP: WN_MAP1(exp); break;
    case WN_OP_LOG: WN_MAP1(log); break;
    case WN_OP_SIN: WN_SIN; break;
    case WN_OP_COS: WN_COS; break;
    case WN_OP_TANH: WN_MAP1(tanh); break;
    case WN_OP_ATAN: WN_MAP1(atan); break;
    case WN_OP_POW: WN_POW; break;
    case WN_OP_TABLE: look_up(&table[next->table], false, n, a, out); break;
    case WN_OP_TABLE_D: look_up(&table[next->table], true, n, a, out); break;
    default: assert(!"an instruction without a kernel");
    }
  }
}

// wide batches run sixteen lanes at a time: the work rows of a chunk stay in the nearest cache
static void run(const wn_code *code, const wn_table *table, double *const base[], int width) {
  double *chunk[WN_N_BLOCK];
  for (int lane = 0; lane < width;) {
    for (int block = 0; block < WN_N_BLOCK; block++) chunk[block] = base[block] ? base[block] + lane : NULL;
    int left = width - lane;
    if (left >= 16) {
      run_lanes(code, table, chunk, (size_t)width, 16 / VECTOR);
      lane += 16;
    } else if (left >= 8) {
      run_lanes(code, table, chunk, (size_t)width, 8 / VECTOR);
      lane += 8;
    } else {
      run_lanes(code, table, chunk, (size_t)width, 4 / VECTOR);
      lane += 4;
    }
  }
}
