// short_body.h - powers, sines and cosines by ways shorter than SLEEF's, where the numbers of a lane allow: a few
// products where twice the exponent is a small whole number, one polynomial where an angle is moderate. Included once
// by each file that compiles them, which first includes lanes.h and defines ALL(mask), ANY(mask), WN_ROOT(vec) and
// WN_LONG(name), SLEEF's function on a vector; for angles WN_SHORT_ANGLES and WN_FUSED(a, b, c), a * b + c rounded
// once. Private to expr/. Invariant: which way a lane goes depends on its own numbers only, and both ways give the
// same bits on vectors of any length.
//
// Measured, ns a lane (SLEEF <= 1 ulp | here), vectors of 4, of 8, one by one: pow with exponent 1.5 9.6 | 1.7,
// 4.1 | 1.0, 35 | 6; cos 5.2 | 1.5, 2.5 | 0.8, 16 | 6 (SLEEF <= 3.5 ulp 2.8, 1.3).

#define PICK(mask, yes, no) ((vec)(((mask) & (bits)(yes)) | (~(mask) & (bits)(no))))

// added to a number below 2^51: leaves the nearest whole one in the low bits
#define TO_WHOLE 0x1.8p52

// x ^ (q / 2) for whole q from -2 to 6 and 8, in the products of simplify.c
static inline vec short_power(vec x, vec q) {
  const vec zero = {0}, one = zero + 1;
  bits n = (bits)(MAGNITUDE(q) + TO_WHOLE);
  vec square = x * x, power = PICK(-(n >> 2 & 1), square, one);
  power = PICK(-(n >> 3 & 1), square * square, power);
  power *= PICK(-(n >> 1 & 1), x, one);
  power *= PICK(-(n & 1), WN_ROOT(x), one);
  return ALL(q >= zero) ? power : PICK(q < zero, one / power, power);
}

// the same for a q that all lanes have, as a model's parameter mostly is
static inline vec same_power(vec x, int q) {
  const vec zero = {0}, one = zero + 1;
  switch (q) {
  case -2: return one / x;
  case -1: return one / WN_ROOT(x);
  case 0: return one;
  case 1: return WN_ROOT(x);
  case 2: return x;
  case 3: return x * WN_ROOT(x);
  case 4: return x * x;
  case 5: return x * x * WN_ROOT(x);
  case 6: return x * x * x;
  default: return (x * x) * (x * x);
  }
}

// x ^ p, <= 2 ulp (of which 3.5 would take more). The short way is for x from which no product overflows or loses
// digits, all of them positive; and for 0, which a drug not yet taken is.
static vec power_of(vec x, vec p) {
  const vec zero = {0}, q = p + p;
  const double first = q[0];
  const bits is_plain = (x >= zero + 0x1p-200) & (x <= zero + 0x1p200);
  const int is_whole = first >= -2 && first <= 8 && first != 7 && first == (int)first;
  if (is_whole && ALL(is_plain & (q == zero + first))) return same_power(x, (int)first);
  bits is_short = ((q + TO_WHOLE) - TO_WHOLE == q) & (q >= zero - 2) & ((q <= zero + 6) | (q == zero + 8));
  is_short &= is_plain | (((bits)x == (bits)zero) & (q >= zero));
  if (ALL(is_short)) return short_power(x, q);
  vec power = WN_LONG(pow)(x, p);
  return ANY(is_short) ? PICK(is_short, short_power(x, q), power) : power;
}

#ifdef WN_SHORT_ANGLES
// The way from an angle to the nearest whole number (or, with shift 0.5, whole number and a half) of half turns.
typedef struct half_turns {
  vec rest;  // what is left, rad, -pi/2 to pi/2
  bits odd;  // the sign bit where the whole number is odd
} half_turns;

// pi in two parts; the rest is below 1e-28, nothing beside a rest that is not tiny
static inline half_turns take_half_turns(vec x, double shift) {
  const vec zero = {0};
  vec whole = WN_FUSED(x, zero + 0x1.45f306dc9c883p-2, zero - shift) + TO_WHOLE;
  vec turns = whole - TO_WHOLE + shift;
  vec rest = WN_FUSED(-turns, zero + 0x1.921fb54442d18p+1, x);
  return (half_turns){WN_FUSED(-turns, zero + 0x1.1a62633145c07p-53, rest), (bits)whole << 63};
}

// the series of the sine up to x^21 / 21!, what follows is below 2e-18
static inline vec sine_of_rest(vec x) {
  static const double term[] = {-1 / 121645100408832000.,
                                1 / 355687428096000.,
                                -1 / 1307674368000.,
                                1 / 6227020800.,
                                -1 / 39916800.,
                                1 / 362880.,
                                -1 / 5040.,
                                1 / 120.,
                                -1 / 6.};
  const vec zero = {0};
  vec square = x * x, sum = zero + 1 / 51090942171709440000.;
  for (int i = 0; i < 9; i++) sum = WN_FUSED(sum, square, zero + term[i]);
  return WN_FUSED(sum * square, x, x);
}

static inline bits is_moderate(vec x, vec rest) {
  const vec zero = {0};
  return (MAGNITUDE(x) <= zero + 1e4) & (MAGNITUDE(rest) >= zero + 0x1p-30);
}

// sin x, <= 2.5 ulp
static vec sine_of(vec x) {
  half_turns turns = take_half_turns(x, 0);
  vec sine = (vec)((bits)sine_of_rest(turns.rest) ^ turns.odd);
  bits is_short = is_moderate(x, turns.rest);
  return ALL(is_short) ? sine : PICK(is_short, sine, WN_LONG(sin)(x));
}

// cos x, <= 2.5 ulp: a quarter turn from the sine
static vec cosine_of(vec x) {
  half_turns turns = take_half_turns(x, 0.5);
  vec cosine = (vec)((bits)-sine_of_rest(turns.rest) ^ turns.odd);
  bits is_short = is_moderate(x, turns.rest);
  return ALL(is_short) ? cosine : PICK(is_short, cosine, WN_LONG(cos)(x));
}
#endif
