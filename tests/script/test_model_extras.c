// What data sets and populations need of a model: covariates, modelled rates and durations, the default dose, random
// effects, residual errors - what ends up in the model, every mistake with its line, replays, a failed allocation at
// every step.
#include "script/models.h"

#include "base/memory.h"
#include "sim/population.h"

#include <math.h>

static const char parameters[] =
    " { 'CL', 2, 'L/h', 'c', 'assumed', 'x' }, { 'V', 10, 'L', 'v', 'assumed', 'x' },"
    " { 'F1', 0.25, '1', 'f', 'assumed', 'x' }, { 'D1', 3, 'h', 'd', 'assumed', 'x' },"
    " { 'R1', 4, 'g/h', 'r', 'assumed', 'x' }, { 'off', 0, '1', 'switch', 'assumed', 'x' } ";
static const char covariates[] = "covariates = { { 'WT', 70, 'kg', 'body weight' },\n"
                                 " { 'SEX', 0, '1', '1: woman', carry = 'forward' },\n"
                                 " { 'DUR', 2, 'min', 'time of infusion', carry = 'backward' } },\n";

static void expect(const sketch *s, const char *words) {
  sketch with = *s;
  char more[4096];
  if (!with.parameters) with.parameters = parameters;
  snprintf(more, sizeof more, "%s%s", covariates, s->more ? s->more : "");
  with.more = more;
  expect_words(&with, words);
}

static wn_script *load(const sketch *s) {
  sketch with = *s;
  char more[4096];
  if (!with.parameters) with.parameters = parameters;
  snprintf(more, sizeof more, "%s%s", covariates, s->more ? s->more : "");
  with.more = more;
  return load_sketch(&with);
}

static double value_at(const wn_model *model, wn_node node, double state, const double covariate[3]) {
  wn_point point = {.param = (double[]){2, 10, 0.25, 3, 4, 0}, .state = &state, .covariate = covariate};
  return wn_graph_eval(model->graph, node, &point);
}

// -- covariates

static void test_covariates(void **state) {
  (void)state;
  wn_script *script = load(&(sketch){
      .states = " { 'A', 'mg', 'a', initial = function() return q(0.5, 'mg/kg') * WT end } ",
      .doses = " { 'D', 'mg', 'd', into = 'A', F = function() return F1 * where(eq(SEX, 1), 2, 1) end, lag = 'DUR',"
               "   amount = function(dose) return dose * (WT / q(70, 'kg')) end } ",
      .equations = "C = A / V d.A = -CL * (WT / q(70, 'kg')) ^ 0.75 * C",
      .outputs = " { 'C', 'mg/L', 'c' }, { 'WT', 'g', 'weight' } "});
  const wn_model *model = wn_script_model(script);
  assert_int_equal(model->n_covariate, 3);
  const wn_covariate *c = model->covariate;
  assert_string_equal(c[0].name, "WT");
  assert_string_equal(c[0].unit, "kg");
  assert_string_equal(c[0].meaning, "body weight");
  assert_true(c[0].value == 70 && c[1].value == 0 && c[2].value == 2);
  assert_true(c[0].interpolation == WN_COVARIATE_DIALECT && c[1].interpolation == WN_COVARIATE_FORWARD &&
              c[2].interpolation == WN_COVARIATE_BACKWARD);
  assert_true(c[0].line == 10 && c[1].line == 11);
  const double woman[] = {140, 1, 6}, man[] = {35, 0, 3};
  assert_true(value_at(model, model->state[0].initial, 0, woman) == 70);
  assert_true(fabs(value_at(model, model->state[0].derivative, 10, woman) + 2 * pow(2, 0.75)) < 1e-14);
  assert_true(value_at(model, model->output[1].value, 0, woman) == 140000);
  assert_true(value_at(model, model->route[0].F, 0, woman) == 0.5 &&
              value_at(model, model->route[0].F, 0, man) == 0.25);
  assert_true(fabs(value_at(model, model->route[0].lag, 0, woman) - 0.1) < 1e-16);
  assert_true(value_at(model, model->route[0].scale[0], 0, man) == 0.5);
  // covariates do not make a model nonlinear, and do not count towards what numbers rest on
  assert_true(model->is_linear);
  wn_script_destroy(script);
}

static void test_covariate_mistakes(void **state) {
  (void)state;
#define COVARIATES(text, words) expect_words(&(sketch){.more = "covariates = {" text "}"}, words)
  COVARIATES("{ 'WT', '70', 'kg', 'w' }", "small.lua:10: covariate WT: value: expected a number, got '70'");
  COVARIATES("\n{ 'WT', 70, 'kgg', 'w' }", "small.lua:11: covariate WT: unknown unit 'kgg'; try kg");
  COVARIATES("{ 'WT', 70, 'kg' }", "covariate WT: meaning: expected a text, got nothing");
  COVARIATES("{ 'WT', 70, 'kg', 'w', carry = 'backwards' }",
             "covariate WT: carry: expected \"backward\", \"forward\" or \"linear\", got 'backwards'");
  COVARIATES("{ 'WT', 70, 'kg', 'w', cary = 'forward' }", "covariate WT: unknown field 'cary'; try carry");
  COVARIATES("{ 'W T', 70, 'kg', 'w' }", "expected a name of letters, digits and _, got 'W T'");
  COVARIATES("{ 't', 70, 'kg', 'w' }", "'t' is a name of the language");
  COVARIATES("{ 'WT', 70, 'kg', 'w' }, { 'WT', 70, 'kg', 'w' }", "covariate WT is declared twice");
  COVARIATES("{ 'CL', 70, 'kg', 'w' }", "covariate CL has the name of a parameter or state");
  COVARIATES("{ 'A', 70, 'kg', 'w' }", "covariate A has the name of a parameter or state");
#undef COVARIATES
  expect(&(sketch){.equations = "C = A / V d.A = -CL * C * WT / V"}, "derivative of A: expected mg/h");
  expect(&(sketch){.equations = "C = A / V d.A = -CL * C * exp(WT)"}, "exp needs a pure number, got kg");
  expect(&(sketch){.equations = "C = A / V WT = 3 d.A = 0"},
         "small.lua:8: 'WT' is a covariate; equations cannot set it");
  expect(&(sketch){.equations = "C = A / V d.A = -CL * C * WTT"}, "unknown name 'WTT' in the equations; try WT");
  expect(&(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', lag = 'DURR' } "},
         "lag: unknown parameter 'DURR'; try DUR");
  expect(&(sketch){.outputs = " { 'WT', 'L', 'w' } "}, "output WT: expected L (or the same dimension), got kg");
}

// what Lua decides about a covariate while tracing is found, also where it names groups by whole numbers
static void test_covariate_replay(void **state) {
  (void)state;
#define REFUSED(text) expect(&(sketch){.equations = text "C = A / V d.A = -CL * C * f"}, "a value of the model")
  REFUSED("local f = 1 if SEX == 1 then f = 2 end ");
  REFUSED("local f = 1 if SEX == 0 then f = 2 end ");
  REFUSED("local f = 1 if SEX == 2 then f = 2 end ");
  REFUSED("local f = 1 if SEX == 3 then f = 2 end ");
  REFUSED("f = SEX and 1 or 2 ");
  REFUSED("f = not SEX and 1 or 2 ");
  REFUSED("local f = 1 if WT == 70 then f = 2 end ");
#undef REFUSED
  const char *words = "a value of the model";
  expect(&(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', F = function() return SEX == 1 and 0.5 or 1 end } "},
         words);
  expect(&(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', rate = function() return SEX == 1 and R1 or 2 * R1 end } "},
         words);
  expect(&(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', duration = function() return SEX and D1 or 2 * D1 end } "},
         words);
  wn_script_destroy(load(&(sketch){.equations = "f = where(eq(SEX, 1), 0.8, 1) C = A / V d.A = -CL * C * f"}));
}

// -- doses

static void test_rate_duration_default(void **state) {
  (void)state;
  wn_script *script =
      load(&(sketch){.doses = " { 'plain', 'mg', 'p', into = 'A' },"
                              " { 'named', 'mg', 'n', into = 'A', rate = 'R1', duration = 'DUR', default = false },"
                              " { 'number', 'mg', 'n', into = 'A', rate = 5, duration = 0.5, default = true },"
                              " { 'made', 'mg', 'm', into = 'A', rate = function() return q(2, 'mg/(h*kg)') * WT end,"
                              "   duration = function() return D1 * WT / q(35, 'kg') end } "});
  const wn_model *model = wn_script_model(script);
  const double covariate[] = {70, 0, 30};
  const wn_route *r = model->route;
  assert_int_equal(model->default_route, 2);
  assert_false(r[0].has_rate || r[0].has_duration);
  for (int i = 1; i < 4; i++) assert_true(r[i].has_rate && r[i].has_duration);
  assert_true(value_at(model, r[1].rate, 0, covariate) == 4000 && value_at(model, r[1].duration, 0, covariate) == 0.5);
  assert_true(value_at(model, r[2].rate, 0, covariate) == 5 && value_at(model, r[2].duration, 0, covariate) == 0.5);
  assert_true(value_at(model, r[3].rate, 0, covariate) == 140 && value_at(model, r[3].duration, 0, covariate) == 6);
  // a dose that names no compartment goes to the default, in scenarios and on the command line
  wn_doses doses = {0};
  wn_error err = {0};
  assert_int_equal(wn_dose_parse(model, "5 mg at 08:00", &doses, &err), WN_OK);
  assert_int_equal(doses.data[0].route, 2);
  WN_ARRAY_FREE(&doses);
  wn_script_destroy(script);
  write_file("default.lua", "return wane.scenario { name = 's', model = './small.lua', arms = { { name = 'a',"
                            " regimen = once{ dose = 5 } } } }");
  wn_scenario *scenario = NULL;
  if (wn_script_load(&test_env, "./default.lua", &script, &err)) fail_msg("%s", err.message);
  if (wn_script_plan(script, NULL, 0, NULL, &scenario, &err)) fail_msg("%s", err.message);
  assert_int_equal(scenario->arm[0].doses.data[0].route, 2);
  wn_scenario_destroy(scenario);
  wn_script_destroy(script);
}

static void test_dose_mistakes(void **state) {
  (void)state;
#define DOSE(text, words) expect(&(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', " text " } "}, words)
  DOSE("rate = 'D1'", "small.lua:5: rate of D: expected mg/h (or the same dimension), got h");
  DOSE("duration = 'R1'", "small.lua:5: duration of D: expected h (or the same dimension), got g/h");
  DOSE("rate = 0", "rate of D: expected a number above 0, got 0");
  DOSE("duration = -1", "duration of D: expected a number above 0, got -1");
  DOSE("rate = 'RR'", "rate of D: rate: unknown parameter 'RR'; try R1");
  DOSE("rate = {}", "rate of D: rate: expected a number, the name of a parameter, or a function, got a table");
  DOSE("rate = function() return A / q(1, 'h') end", "state 'A' is not known in the rate of D");
  DOSE("duration = function() return t end", "time is not known in the duration of D");
  DOSE("rat = 1", "dose D: unknown field 'rat'; try rate");
  DOSE("default = 'yes'", "dose D: default: expected true or false, got 'yes'");
  DOSE("default = true }, { 'E', 'mg', 'e', into = 'A', default = true", "dose E: default: expected one, but D is the");
#undef DOSE
}

// -- random effects and residual errors

static void test_random_effects(void **state) {
  (void)state;
  wn_script *script =
      load(&(sketch){.more = "individual = {\n"
                             " { 'CL', cv = 0.25, 'assumed', 'a guess' },\n"
                             " { 'F1', 'logit', sd = 0.4, 'fitted', 'a fit' },\n"
                             " { { 'V', 'R1' }, 'lognormal', omega = { { 0.09, 0.03 }, { 0.03, 0.04 } },"
                             "   'measured', 'a paper' },\n"
                             " { 'D1', 'normal', omega = 0.5, 'assumed', '' },\n"
                             "},\n"
                             "occasion = { { 'CL', sd = 0.1, 'assumed', 'x' } },\n"
                             "residual = { { 'C', proportional = 0.1, additive = 0.05 } }"});
  const wn_model *model = wn_script_model(script);
  assert_int_equal(model->n_random, 5);
  const wn_random *r = model->random;
  assert_true(r[0].n == 1 && r[0].param[0] == 0 && r[0].distribution == WN_LOGNORMAL && !r[0].occasion);
  assert_true(fabs(r[0].omega[0] - log(1 + 0.0625)) < 1e-16);
  assert_true(r[0].badge == WN_ASSUMED && r[0].line == 14);
  assert_string_equal(r[0].source, "a guess");
  assert_true(r[1].distribution == WN_LOGIT && r[1].badge == WN_FITTED && fabs(r[1].omega[0] - 0.16) < 1e-16);
  assert_true(r[2].n == 2 && r[2].param[0] == 1 && r[2].param[1] == 4 && r[2].badge == WN_MEASURED && r[2].line == 16);
  assert_true(r[2].omega[0] == 0.09 && r[2].omega[1] == 0.03 && r[2].omega[2] == 0.03 && r[2].omega[3] == 0.04);
  assert_true(r[3].distribution == WN_NORMAL && r[3].omega[0] == 0.5);
  assert_true(r[4].occasion && r[4].param[0] == 0 && fabs(r[4].omega[0] - 0.01) < 1e-16);
  assert_int_equal(model->n_residual, 1);
  assert_true(model->residual[0].output == 0 && model->residual[0].proportional == 0.1 &&
              model->residual[0].additive == 0.05 && model->residual[0].line == 20);
  // and individuals can be drawn from them
  double typical[6], value[6];
  wn_model_defaults(model, -1, typical);
  wn_error err = {0};
  assert_int_equal(wn_population_draw(model, 1, 1, 1, typical, value, &err), WN_OK);
  for (int i = 0; i < 5; i++) assert_true(value[i] != typical[i] && isfinite(value[i]));
  assert_true(value[5] == typical[5]);
  wn_script_destroy(script);
}

static void test_random_mistakes(void **state) {
  (void)state;
#define INDIVIDUAL(text, words) expect(&(sketch){.more = "individual = {\n" text "\n}"}, words)
  INDIVIDUAL("{ 'CLL', cv = 0.2, 'assumed', 'x' }", "small.lua:14: individual CLL: unknown parameter 'CLL'; try CL");
  INDIVIDUAL("{ 'CL', cv = 0.2, 'assumed', 'x' },\n{ 'WT', cv = 1, 'assumed', 'x' }",
             "small.lua:15: individual WT: unknown parameter 'WT'");
  INDIVIDUAL("{ { 'CL', 'VV' }, omega = { { 1, 0 }, { 0, 1 } }, 'assumed', 'x' }", "unknown parameter 'VV'; try V");
  INDIVIDUAL("{ 5, cv = 0.2, 'assumed', 'x' }", "individual: entry 1: expected a parameter like \"CL\"");
  INDIVIDUAL("{ {}, omega = {}, 'assumed', 'x' }",
             "individual: entry 1: expected 1 to 32 parameters in a block, got 0");
  INDIVIDUAL("{ { 'CL', 5 }, omega = {}, 'assumed', 'x' }",
             "individual CL: name of a parameter: expected a text, got 5");
  INDIVIDUAL("{ { 5 }, omega = {}, 'assumed', 'x' }",
             "individual: entry 1: name of a parameter: expected a text, got 5");
  INDIVIDUAL("'CL'", "individual: entry 1: expected a row in braces, got a text");
  INDIVIDUAL("{ 'CL', cv = 0.2 }", "small.lua:14: individual CL: badge: expected a text, got nothing");
  INDIVIDUAL("{ 'CL', cv = 0.2, 'asumed', 'x' }", "individual CL: badge: expected measured, fitted or assumed");
  INDIVIDUAL("{ 'CL', cv = 0.2, 'assumed' }", "individual CL: source: expected a text, got nothing");
  INDIVIDUAL("{ 'CL', 'lognormal', cv = 0.2, 'assumed' }", "individual CL: source: expected a text, got nothing");
  INDIVIDUAL("{ 'CL', cv = 0.2, 'assumed', 'x', 'y' }", "individual CL: entry 4 is too many");
  INDIVIDUAL("{ 'CL', 'lognorml', cv = 0.2, 'assumed', 'x' }", "unknown distribution 'lognorml'; try lognormal");
  INDIVIDUAL("{ 'CL', CV = 0.2, 'assumed', 'x' }", "individual CL: unknown field 'CV'; try cv");
  INDIVIDUAL("{ 'CL', 'assumed', 'x' }", "individual CL: expected one of cv, sd and omega, got 0");
  INDIVIDUAL("{ 'CL', cv = 0.2, sd = 0.2, 'assumed', 'x' }", "individual CL: expected one of cv, sd and omega, got 2");
  INDIVIDUAL("{ 'CL', cv = -0.2, 'assumed', 'x' }", "individual CL: cv: expected 0 or more, got -0.2");
  INDIVIDUAL("{ 'CL', cv = '20 %', 'assumed', 'x' }", "individual CL: cv: expected a number, got '20 %'");
  INDIVIDUAL("{ 'CL', 'normal', cv = 0.2, 'assumed', 'x' }",
             "individual CL: cv is that of a lognormal; a normal needs");
  INDIVIDUAL("{ 'F1', 'logit', cv = 0.2, 'assumed', 'x' }", "of what is added on the logit scale");
  INDIVIDUAL("{ { 'CL', 'V' }, cv = 0.2, 'assumed', 'x' }", "individual CL: 2 parameters together need omega");
  INDIVIDUAL("{ { 'CL', 'V' }, omega = 0.2, 'assumed', 'x' }", "omega: expected a variance matrix like { { 0.09");
  INDIVIDUAL("{ { 'CL', 'V' }, omega = { { 1, 0 } }, 'assumed', 'x' }", "individual CL: omega: expected 2 rows, got 1");
  INDIVIDUAL("{ { 'CL', 'V' }, omega = { { 1, 0 }, { 1 } }, 'assumed', 'x' }",
             "omega: row 2: expected 2 numbers, got 1");
  INDIVIDUAL("{ { 'CL', 'V' }, omega = { { 1, 0 }, 3 }, 'assumed', 'x' }", "omega: expected a variance matrix");
  INDIVIDUAL("{ { 'CL', 'V' }, omega = { { 1, 'a' }, { 1, 2 } }, 'assumed', 'x' }",
             "omega: expected a number, got 'a'");
  INDIVIDUAL("{ { 'CL', 'V' }, omega = { { 1, 0.5 }, { 0.4, 1 } }, 'assumed', 'x' }",
             "small.lua:14: random effects of CL: omega is no variance matrix");
  INDIVIDUAL("{ { 'CL', 'V' }, omega = { { 1, 2 }, { 2, 1 } }, 'assumed', 'x' }", "omega is no variance matrix");
  INDIVIDUAL("{ 'CL', omega = -1, 'assumed', 'x' }", "omega is no variance matrix");
  INDIVIDUAL("{ 'CL', cv = 0.2, 'assumed', 'x' }, { 'CL', cv = 0.2, 'assumed', 'x' }", "CL varies twice in individual");
  INDIVIDUAL("{ 'CL', cv = 0.2, 'assumed', 'x' },\n{ { 'V', 'CL' }, omega = { { 1, 0 }, { 0, 1 } }, 'assumed', 'x' }",
             "small.lua:15: CL varies twice in individual");
  INDIVIDUAL("{ 'CL', 'logit', sd = 0.2, 'assumed', 'x' }",
             "small.lua:14: random effect on CL: a logit needs a value between 0 and 1, got 2");
#undef INDIVIDUAL
  expect(&(sketch){.more = "occasion = { { 'CL', cv = 0.2, 'assumed', 'x' }, { 'CL', cv = 0.2, 'assumed', 'x' } }"},
         "CL varies twice in occasion");
  expect(&(sketch){.more = "occasion = { { 'CLL', cv = 0.2, 'assumed', 'x' } }"}, "occasion CLL: unknown parameter");
  expect(&(sketch){.more = "individuals = {}"}, "wane.model: unknown field 'individuals'; try individual");
  expect(&(sketch){.more = "hypotheses = { { 'H', 'h', set = { F1 = 1 } } },\n"
                           "individual = { { 'F1', 'logit', sd = 1, 'assumed', 'x' } }"},
         "random effect on F1: a logit needs a value between 0 and 1, got 1");
  char many[2048] = "individual = { { {";
  for (int i = 0; i < 33; i++) strcat(many, "'CL',");
  strcat(many, "}, omega = {}, 'assumed', 'x' } }");
  expect(&(sketch){.more = many}, "expected 1 to 32 parameters in a block, got 33");
}

static void test_residual_mistakes(void **state) {
  (void)state;
#define RESIDUAL(text, words) expect(&(sketch){.more = "residual = {\n" text "\n}"}, words)
  RESIDUAL("{ 'CC', additive = 1 }", "small.lua:14: residual CC: unknown output 'CC'; try C");
  RESIDUAL("{ 'C' }", "small.lua:14: residual C: expected proportional or additive above 0");
  RESIDUAL("{ 'C', additive = 0 }", "residual C: expected proportional or additive above 0");
  RESIDUAL("{ 'C', additive = -1 }", "residual C: additive: expected 0 or more, got -1");
  RESIDUAL("{ 'C', proportional = 'a' }", "residual C: proportional: expected a number, got 'a'");
  RESIDUAL("{ 'C', aditive = 1 }", "residual C: unknown field 'aditive'; try additive");
  RESIDUAL("{ 3, additive = 1 }", "residual: entry 1: output: expected a text, got 3");
  RESIDUAL("{ 'C', additive = 1 },\n{ 'C', additive = 1 }", "small.lua:15: residual error of C is declared twice");
#undef RESIDUAL
}

// perfect correlation, zero variances and 32 parameters are fine
static void test_borderline_matrices(void **state) {
  (void)state;
  wn_script_destroy(load(&(sketch){
      .more =
          "individual = { { { 'CL', 'V' }, omega = { { 0.04, 0.06 }, { 0.06, 0.09 } }, 'assumed', 'x' },"
          " { 'F1', cv = 0, 'assumed', 'x' }, { { 'D1', 'R1' }, omega = { { 0, 0 }, { 0, 1 } }, 'assumed', 'x' } }"}));
  expect(&(sketch){.more = "individual = { { { 'D1', 'R1' }, omega = { { 0, 0.1 }, { 0.1, 1 } }, 'assumed', 'x' } }"},
         "omega is no variance matrix");
}

// -- memory

static void test_failed_allocations(void **state) {
  (void)state;
  char more[2048];
  snprintf(
      more, sizeof more,
      "%s individual = { { 'CL', cv = 0.2, 'assumed', 'x' }, { { 'V', 'R1' }, omega = { { 1, 0 }, { 0, 1 } },"
      " 'assumed', 'x' } }, occasion = { { 'CL', cv = 0.2, 'assumed', 'x' } }, residual = { { 'C', additive = 1 } }",
      covariates);
  write_model("small.lua", &(sketch){.parameters = parameters,
                                     .doses = " { 'D', 'mg', 'd', into = 'A', rate = 'R1', duration = 'DUR' } ",
                                     .equations = "C = A / V d.A = -CL * C * WT / q(70, 'kg')",
                                     .more = more});
  // a failure that Lua can do without (giving memory back) is no failure: go on until none has been seen for long
  long n = 0, good = 0;
  for (; good < 50; n++) {
    assert_true(n < 20000);
    wn_script *script;
    wn_error err = {0};
    wn_alloc_fail_after(n);
    wn_status status = wn_script_load(&test_env, "./small.lua", &script, &err);
    wn_alloc_fail_after(-1);
    if (status && (status != WN_ERR_MEMORY || err.status != WN_ERR_MEMORY)) fail_msg("at %ld: %s", n, err.message);
    assert_true(status ? script == NULL : script != NULL);
    good = status ? 0 : good + 1;
    wn_script_destroy(script);
  }
  assert_true(n > 800);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_covariates),          cmocka_unit_test(test_covariate_mistakes),
      cmocka_unit_test(test_covariate_replay),    cmocka_unit_test(test_rate_duration_default),
      cmocka_unit_test(test_dose_mistakes),       cmocka_unit_test(test_random_effects),
      cmocka_unit_test(test_random_mistakes),     cmocka_unit_test(test_residual_mistakes),
      cmocka_unit_test(test_borderline_matrices), cmocka_unit_test(test_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
