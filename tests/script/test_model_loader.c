// Loading a model: the manual's example and the bundled models, what ends up in the model, every mistake in the lists
// with its line, parts, finding files, and a failed allocation at every step.
#include "script/models.h"

#include "base/memory.h"

#include <math.h>
#include <unistd.h>

static wn_script *load(const char *file) {
  wn_script *script;
  wn_error err = {0};
  if (wn_script_load(&test_env, file, &script, &err)) fail_msg("%s: %s", file, err.message);
  return script;
}

static void refuse_file(const char *file, const char *words) {
  wn_script *script;
  wn_error err = {0};
  assert_int_equal(wn_script_load(&test_env, file, &script, &err), WN_ERR_USER);
  assert_null(script);
  if (!strstr(err.message, words)) fail_msg("expected: %s\n  got: %s", words, err.message);
}

static void refuse_text(const char *text, const char *words) {
  write_file("text.lua", text);
  refuse_file("./text.lua", words);
}

// -- the manual

static void test_manual_example(void **state) {
  (void)state;
  write_lua_block("docs/model-language.md", "manual.lua");
  wn_script *script = load("./manual.lua");
  const wn_model *model = wn_script_model(script);
  assert_false(wn_script_is_scenario(script));
  assert_string_equal(wn_script_title(script), "One compartment with first-order absorption");
  assert_string_equal(model->name, "pk1");
  assert_string_equal(model->caption, "A textbook model; the numbers are examples.");
  assert_int_equal(model->n_param, 5);
  const wn_parameter *CL = &model->param[0];
  assert_string_equal(CL->name, "CL");
  assert_true(CL->value == 1.1);
  assert_string_equal(CL->unit, "L/h");
  assert_string_equal(CL->meaning, "clearance");
  assert_string_equal(CL->source, "example");
  assert_int_equal(CL->badge, WN_ASSUMED);
  assert_int_equal(CL->line, 8);
  assert_int_equal(model->state[1].line, 18);
  assert_int_equal(model->route[1].line, 24);
  assert_int_equal(model->output[0].line, 35);
  assert_int_equal(model->n_window, 1);
  assert_true(model->window[0].above == 1 && model->window[0].threshold == 2 && model->window[0].output == 0);
  // the derivative of CENT, the bioavailability and lag of GUT, by the compiled programs
  double param[5 * WN_LANES], states[2 * WN_LANES], time[WN_LANES] = {0}, out[8 * WN_LANES];
  for (int i = 0; i < 5 * WN_LANES; i++) param[i] = model->param[i / WN_LANES].value;
  for (int i = 0; i < 2 * WN_LANES; i++) states[i] = i < WN_LANES ? 100 : 40;
  double *work = wn_alloc_doubles(wn_program_workspace(model->rhs, WN_LANES));
  wn_program_bind(model->rhs, WN_LANES, param, NULL, work);
  wn_program_eval(model->rhs, WN_LANES, time, states, work, out);
  assert_true(fabs(out[0] + 150) < 1e-12 && fabs(out[WN_LANES] - (150 - 1.1 * 2)) < 1e-12);
  wn_free(work);
  wn_point point = {.param = (double[]){1.1, 20, 1.5, 0.8, 0.2}};
  assert_true(wn_graph_eval(model->graph, model->route[0].F, &point) == 0.8);
  assert_true(wn_graph_eval(model->graph, model->route[0].lag, &point) == 0.2);
  assert_true(wn_graph_eval(model->graph, model->route[1].F, &point) == 1);
  assert_true(wn_graph_eval(model->graph, model->route[0].scale[0], &point) == 1);
  wn_script_destroy(script);
}

static void test_bundled_models(void **state) {
  (void)state;
  wn_script_destroy(load("pk1"));
  wn_script *script = load("naltrexone");
  const wn_model *model = wn_script_model(script);
  // mg of hydrochloride to nmol of base, all of the way through units
  int gut = wn_model_find_route(model, "GUT");
  double param[256];
  assert_true(gut >= 0 && model->n_param <= 256);
  wn_model_defaults(model, -1, param);
  wn_point point = {.param = param};
  double scale = wn_graph_eval(model->graph, model->route[gut].scale[0], &point);
  assert_true(fabs(scale / (1e6 / 377.86) - 1) < 1e-12);
  wn_script_destroy(script);
}

// -- what ends up in the model

static void test_hypotheses_windows_initial(void **state) {
  (void)state;
  wn_script *script = load_sketch(
      &(sketch){.states = " { 'A', 'mg', 'a', initial = 'DOSE' }, { 'B', 'mg', 'b', initial = 3 },"
                          " { 'D', 'ng', 'd', initial = function() return DOSE * t / q(1, 'h') end } ",
                .parameters = " { 'CL', 2, 'L/h', 'c', 'measured', 'x' }, { 'V', 10, 'L', 'v', 'fitted', 'x' },"
                              " { 'DOSE', 5, 'mg', 'd', 'assumed', '' } ",
                .equations = "C = A / V d.A = -CL * C d.B = 0 d.D = 0",
                .more = "windows = { { 'w1', of = 'C', below = 0.5, baseline = 'ratio', meaning = 'low' }, { 'w 2', of "
                        "= 'C', above = "
                        "1, baseline = 'difference' } }, hypotheses = { { 'H1', 'as is', set = {} }, { 'H2', 'other', "
                        "set = { V = 20, "
                        "CL = 1 }, source = 's' }, { 'H3', 'nothing' } }"});
  const wn_model *model = wn_script_model(script);
  double out[3];
  wn_point point = {.time = 2, .param = (double[]){2, 10, 5}};
  for (int i = 0; i < 3; i++) out[i] = wn_graph_eval(model->graph, model->state[i].initial, &point);
  assert_true(out[0] == 5 && out[1] == 3 && fabs(out[2] - 1e7) < 1e-6);
  assert_int_equal(model->param[0].badge, WN_MEASURED);
  assert_int_equal(model->param[1].badge, WN_FITTED);
  assert_true(model->window[0].above == 0 && model->window[0].baseline == 2 && model->window[1].baseline == 1);
  assert_string_equal(model->window[0].meaning, "low");
  assert_string_equal(model->window[1].name, "w 2");
  const wn_limits *limits = &model->param[0].limits;
  assert_false(limits->has_low || limits->has_high);
  // in the order of the parameters, whatever order Lua walks the table in
  const wn_hypothesis *h = &model->hypothesis[1];
  assert_int_equal(h->n_set, 2);
  assert_true(h->param[0] == 0 && h->param[1] == 1 && h->value[0] == 1 && h->value[1] == 20);
  assert_string_equal(h->source, "s");
  assert_int_equal(model->hypothesis[2].n_set, 0);
  wn_script_destroy(script);
}

static void test_limits(void **state) {
  (void)state;
  sketch s = {.parameters = " { 'CL', 2, 'L/h', 'c', 'assumed', 'x', min = 0 },"
                            " { 'V', 10, 'L', 'v', 'assumed', 'x', above = 0, below = 1e3 },"
                            " { 'F', 1, '1', 'f', 'assumed', 'x', min = 0, max = 1 } "};
  wn_script *script = load_sketch(&s);
  const wn_model *model = wn_script_model(script);
  const char *const words[] = {"at least 0 L/h", "above 0 L and below 1000 L", "from 0 to 1"};
  for (int i = 0; i < 3; i++) {
    char text[120];
    wn_limits_words(&model->param[i].limits, model->param[i].unit, text, sizeof text);
    assert_string_equal(text, words[i]);
  }
  const double values[][3] = {{0, 1, 0},    {2, 999, 1}, {-1e-300, 1, 0}, {0, 0, 0},
                              {0, 1000, 0}, {0, 1, 1.5}, {NAN, 1, 1}};
  const int bad[] = {-1, -1, 0, 1, 1, 2, 0};
  for (int i = 0; i < 7; i++) {
    wn_error err;
    wn_status status = wn_model_check_values(model, values[i], &err);
    assert_int_equal(status, bad[i] < 0 ? WN_OK : WN_ERR_USER);
    if (status) assert_true(strncmp(err.message, model->param[bad[i]].name, strlen(model->param[bad[i]].name)) == 0);
  }
  // what is set is held to them, wherever it is written
  const wn_setting setting = {"F", "120 %"};
  wn_scenario *scenario;
  wn_error err;
  assert_int_equal(wn_script_plan(script, &setting, 1, NULL, &scenario, &err), WN_ERR_USER);
  assert_string_equal(err.message, "F (f): expected from 0 to 1, got 1.2; small.lua:3 says so");
  wn_script_destroy(script);
  s.more = "hypotheses = { { 'H1', 'as is', set = {} }, { 'H2', 'none', set = { V = 0 } } },";
  expect_words(&s, "hypothesis H2: V: expected above 0 L and below 1000 L, got 0");
  write_file("limits.lua", "return wane.scenario { name = 's', model = './small.lua', arms = { { name = 'a',\n"
                           "  regimen = {}, set = { CL = -1 } } } }");
  s.more = NULL;
  write_model("small.lua", &s);
  assert_int_equal(wn_script_load(&test_env, "./limits.lua", &script, &err), WN_OK);
  assert_int_equal(wn_script_plan(script, NULL, 0, NULL, &scenario, &err), WN_ERR_USER);
  if (!strstr(err.message, "arm a: set: CL (c): expected at least 0 L/h, got -1; small.lua:3 says so"))
    fail_msg("%s", err.message);
  wn_script_destroy(script);
}

static void test_doses(void **state) {
  (void)state;
  wn_script *script = load_sketch(&(sketch){
      .states = " { 'A', 'mg', 'a' }, { 'B', 'ng', 'b' } ",
      .parameters = " { 'CL', 2, 'L/h', 'c', 'assumed', 'x' }, { 'V', 10, 'L', 'v', 'assumed', 'x' },"
                    " { 'f', 0.25, '1', 'f', 'assumed', 'x' }, { 'MW', 400, 'g/mol', 'm', 'assumed', 'x' } ",
      .equations = "C = A / V d.A = -CL * C d.B = 0",
      .doses =
          " { 'both', 'mg', 'two', into = { 'A', 'B' }, amount = function(dose) return dose * f, dose * (1 - f) end },"
          " { 'moles', 'nmol', 'moles', into = 'A', amount = function(dose) return dose * MW end, F = 0.5, lag = 1.5 },"
          " { 'half', 'mg', 'half', into = 'A', amount = 0.5, F = function() return f * 2 end,"
          "   lag = function() return V / CL end }, { 'part', 'g', 'part', into = 'A', amount = 'f', lag = 0 } "});
  const wn_model *model = wn_script_model(script);
  wn_point point = {.param = (double[]){2, 10, 0.25, 400}};
#define VALUE(node) wn_graph_eval(model->graph, node, &point)
  const wn_route *r = model->route;
  assert_int_equal(r[0].n_target, 2);
  assert_true(r[0].target[0] == 0 && r[0].target[1] == 1);
  assert_true(VALUE(r[0].scale[0]) == 0.25 && VALUE(r[0].scale[1]) == 750000);
  assert_true(fabs(VALUE(r[1].scale[0]) - 4e-4) < 1e-18 && VALUE(r[1].F) == 0.5 && VALUE(r[1].lag) == 1.5);
  assert_true(VALUE(r[2].scale[0]) == 0.5 && VALUE(r[2].F) == 0.5 && VALUE(r[2].lag) == 5);
  assert_true(VALUE(r[3].scale[0]) == 250 && VALUE(r[3].F) == 1 && VALUE(r[3].lag) == 0);
#undef VALUE
  wn_script_destroy(script);
}

// -- mistakes in the lists

static void test_mistakes_in_parameters(void **state) {
  (void)state;
#define PARAMETERS(text, words) expect_words(&(sketch){.parameters = text}, words)
  PARAMETERS("\n { 'CL', '2', 'L/h', 'c', 'assumed', 'x' }",
             "small.lua:4: parameter CL: value: expected a number, got '2'");
  PARAMETERS("\n { 'CL', 0/0, 'L/h', 'c', 'assumed', 'x' }",
             "small.lua:4: parameter CL: value: expected a number, got ");
  PARAMETERS("\n { 'CL', 1/0, 'L/h', 'c', 'assumed', 'x' }", "parameter CL: value: expected a number, got inf");
  PARAMETERS("{ 'CL', 2, 'L/hh', 'c', 'assumed', 'x' }",
             "small.lua:3: parameter CL: unknown unit 'hh' in 'L/hh'; try h");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'asumed', 'x' }",
             "badge: expected measured, fitted or assumed, got 'asumed'; try assumed");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'guess', 'x' }", "badge: expected measured, fitted or assumed, got 'guess'");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c' }", "parameter CL: badge: expected a text, got nothing");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed' }", "parameter CL: source: expected a text, got nothing");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed', 'x', 'y' }", "parameter CL: entry 7 is too many; 6 at most");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed', 'x', omega = 1 }", "parameter CL: unknown field 'omega'");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed', 'x', min = '0' }", "parameter CL: min: expected a number, got '0'");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed', 'x', below = 0/0 }", "parameter CL: below: expected a number, got ");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed', 'x', min = 0, above = 0 }",
             "parameter CL: expected either min or above, got both");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed', 'x', max = 3, below = 3 }",
             "parameter CL: expected either max or below, got both");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed', 'x', min = 3, max = 1 }",
             "parameter CL: expected the lower limit below the upper one, got 3 and 1");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed', 'x', min = 2, below = 2 }",
             "parameter CL: expected the lower limit below the upper one, got 2 and 2");
  PARAMETERS("\n { 'CL', 0, 'L/h', 'c', 'assumed', 'x', above = 0 }, { 'V', 1, 'L', 'v', 'assumed', 'x' }",
             "small.lua:4: parameter CL: CL: expected above 0 L/h, got 0");
  PARAMETERS("{ 'C L', 2, 'L/h', 'c', 'assumed', 'x' }", "expected a name of letters, digits and _, got 'C L'");
  PARAMETERS("{ '2C', 2, 'L/h', 'c', 'assumed', 'x' }", "expected a name of letters, digits and _, got '2C'");
  PARAMETERS("{ '', 2, 'L/h', 'c', 'assumed', 'x' }", "expected a name of letters, digits and _");
  PARAMETERS("{ 'end', 2, 'L/h', 'c', 'assumed', 'x' }", "'end' is a word of Lua");
  PARAMETERS("{ 'exp', 2, 'L/h', 'c', 'assumed', 'x' }", "'exp' is a name of the language");
  PARAMETERS("{ 't', 2, 'h', 'c', 'assumed', 'x' }", "'t' is a name of the language");
  PARAMETERS("{ 5, 2, 'L/h', 'c', 'assumed', 'x' }", "small.lua:1: parameters: entry 1: name: expected a text, got 5");
  PARAMETERS("7", "small.lua:1: parameters: entry 1: expected a row in braces, got a number");
  PARAMETERS("CL = { 2 }", "wane.model: parameters: unknown field 'CL'");
  PARAMETERS("{ 'CL', 2, 'L/h', 'c', 'assumed', 'x' }, { 'V', 2, 'L', 'c', 'assumed', 'x' },\n { 'CL', 2, 'L/h', 'c', "
             "'assumed', 'x' }",
             "parameter CL is declared twice");
#undef PARAMETERS
}

static void test_mistakes_in_other_lists(void **state) {
  (void)state;
  expect_words(&(sketch){.states = ""}, "small.lua:1: wane.model: states: expected at least one");
  expect_words(&(sketch){.states = "{ 'A', 'mg', 'a', inital = 2 }"},
               "small.lua:4: state A: unknown field 'inital'; try initial");
  expect_words(&(sketch){.states = "{ 'A', 'mg', 'a', initial = 'CLL' }"}, "initial: unknown parameter 'CLL'; try CL");
  expect_words(&(sketch){.states = "{ 'A', 'mg', 'a', initial = true }"},
               "initial: expected a number, the name of a parameter, or a function, got true");
  expect_words(&(sketch){.states = "{ 'A' }"}, "state A: unit: expected a text, got nothing");
  expect_words(&(sketch){.states = "{ 'CL', 'mg', 'a' }", .equations = "C = 1 d.CL = 0", .outputs = ""},
               "has the name of a parameter");
#define DOSES(text, words) expect_words(&(sketch){.doses = text}, words)
  DOSES("{ 'D', 'mg', 'd' }", "small.lua:5: dose D: into: expected the name of a state, got nothing");
  DOSES("{ 'D', 'mg', 'd', into = 'AA' }", "dose D: into: unknown state 'AA'; try A");
  DOSES("{ 'D', 'mg', 'd', into = 'xyzzy' }", "dose D: into: unknown state 'xyzzy'");
  DOSES("{ 'D', 'mg', 'd', into = 5 }", "dose D: into: expected a text, got 5");
  DOSES("{ 'D', 'mg', 'd', into = {} }", "into: expected one to four states, got 0");
  DOSES("{ 'D', 'mg', 'd', into = { 'A', 'A', 'A', 'A', 'A' } }", "into: expected one to four states, got 5");
  DOSES("{ 'D', 'mg', 'd', into = 'A', lg = 1 }", "dose D: unknown field 'lg'; try lag");
  DOSES("{ 'D', 'mgg', 'd', into = 'A' }", "dose D: unknown unit 'mgg'; try mg");
  DOSES("{ 'D', 'mg', 'd', into = 'A', F = 'FF' }", "F: unknown parameter 'FF'");
  DOSES("{ 'D', 'mg', 'd', into = 'A', lag = {} }",
        "lag of D: lag: expected a number, the name of a parameter, or a function");
  DOSES("{ 'D', 'mg', 'd', into = 'A', F = 0/0 }", "F of D: F: expected a number");
  DOSES("{ 'D', 'mg', 'd', into = { 'A', 'A' } }", "a dose into 2 states needs a function that returns 2 amounts");
  DOSES("{ 'D', 'mg', 'd', into = { 'A', 'A' }, amount = function(x) return x end }", "expected 2 amounts, got fewer");
  DOSES("{ 'D', 'mg', 'd', into = 'A', amount = function(x) return x, x end }", "expected 1 amounts, got more");
  DOSES("{ 'D', 'mg', 'd', into = 'A', amount = function(x) return 'x' end }",
        "amount of D: expected a value, got string");
#undef DOSES
  expect_words(&(sketch){.outputs = "{ 'CC', 'mg/L', 'c' }"},
               "small.lua:6: output CC: no variable, state, covariate or parameter has this name");
  expect_words(&(sketch){.outputs = "{ 'C', 'mg/LL', 'c' }"}, "output C: unknown unit 'LL'");
  expect_words(&(sketch){.outputs = "{ 'C', 'mg/L', 'c', 'd' }"}, "output C: entry 4 is too many; 3 at most");
#define MORE(text, words) expect_words(&(sketch){.more = text}, words)
  MORE("windows = { { 'w', of = 'CC', above = 1 } }", "small.lua:10: window w: of: unknown output 'CC'; try C");
  MORE("windows = { { 'w', of = 'C' } }", "window w: expected either above or below, got neither");
  MORE("windows = { { 'w', of = 'C', above = 1, below = 2 } }", "window w: expected either above or below, got both");
  MORE("windows = { { 'w', of = 'C', above = 'x' } }", "window w: above: expected a number, got 'x'");
  MORE("windows = { { 'w', of = 'C', above = 1, baseline = 'diff' } }",
       "baseline: expected \"difference\" or \"ratio\", got 'diff'");
  MORE("windows = { { 'w', of = 'C', above = 1, meening = 'x' } }", "unknown field 'meening'; try meaning");
  MORE("windows = { { '', of = 'C', above = 1 } }", "windows: entry 1: the name is empty");
  MORE("hypotheses = { { 'H', 'h', set = { CLL = 1 } } }", "hypothesis H: set: unknown parameter 'CLL'; try CL");
  MORE("hypotheses = { { 'H', 'h', set = { CL = 'x' } } }", "hypothesis H: CL: expected a number, got 'x'");
  MORE("hypotheses = { { 'H', 'h', set = { 1 } } }", "hypothesis H: set: name of a parameter: expected a text, got 1");
  MORE("hypotheses = { { 'H', 'h', set = 3 } }", "hypothesis H: set: expected parameters in braces");
  MORE("hypotheses = { { 'H', sets = {} } }", "hypothesis H: unknown field 'sets'; try set");
  MORE("hypotheses = { { 'H' } }", "hypothesis H: meaning: expected a text, got nothing");
  MORE("window = {}", "small.lua:1: wane.model: unknown field 'window'; try windows");
  MORE("title = 3", "wane.model: title: expected a text, got 3");
#undef MORE
  refuse_text("return wane.model { name = 'x', states = { { 'A', 'mg' } }, equations = 3 }",
              "text.lua:1: wane.model: equations: expected a function, got 3");
  refuse_text("return wane.model { states = { { 'A', 'mg' } } }",
              "text.lua:1: wane.model: name: expected a text, got nothing");
  refuse_text("return wane.model(3)", "text.lua:1: wane.model: expected fields in braces");
}

static void test_table_mistakes(void **state) {
  (void)state;
#define TABLE(text, words) refuse_text("local T = wane.table" text, words)
  TABLE("{ x = {0, 1} }", "text.lua:1: wane.table: y: expected a list of two or more numbers");
  TABLE("{ x = {0}, y = {1} }", "x: expected a list of two or more numbers");
  TABLE("{ x = {0, 1}, y = {1, 2, 3} }", "x has 2 numbers and y 3; expected as many");
  TABLE("{ x = {0, 0}, y = {1, 2} }", "x: expected increasing numbers, got 0 after 0");
  TABLE("{ x = {0, 'a'}, y = {1, 2} }", "x: entry 2: expected a number, got 'a'");
  TABLE("{ x = {0, 1}, y = {1, 2}, kind = 'cubic' }", "kind: expected \"linear\" or \"pchip\", got 'cubic'");
  TABLE("{ x = {0, 1}, y = {1, 2}, x_unit = 'hh' }", "x_unit: unknown unit 'hh'; try h");
  TABLE("{ x = {0, 1}, y = {1, 2}, yunit = 'h' }", "unknown field 'yunit'; try y_unit");
  TABLE("{ x = {0, 1e308}, y = {-1e308, 1e308} }", "too large or too close");
  TABLE("(3)", "wane.table: expected fields in braces");
#undef TABLE
}

// -- files

static void test_files(void **state) {
  (void)state;
  refuse_file("naltrexon", "no model or plugin named 'naltrexon'; try naltrexone");
  refuse_file("xyzzyxyzzy", "no model or plugin named 'xyzzyxyzzy'");
  refuse_file("./nowhere.lua", "./nowhere.lua: no such file");
  refuse_file("nowhere.lua", "nowhere.lua: no such file");
  refuse_file("/", "no such file");
  refuse_file("", "the name of the file is empty");
  refuse_text("return 3", "text.lua: expected the file to return a table, got a number");
  refuse_text("", "text.lua: expected the file to return a table, got nothing");
  refuse_text("return {}", "text.lua: expected a file that returns wane.model { ... } or wane.scenario { ... }");
  refuse_text("return setmetatable({}, { __name = 'wane.model' })", "expected a file that returns wane.model");
  refuse_text("local x =\nreturn", "text.lua:2: unexpected symbol near 'return'");
  refuse_text("\n\nlocal x = nil + 1", "text.lua:3: attempt to perform arithmetic on a nil value");
  refuse_text("\nwanne.model {}", "text.lua:2: unknown name 'wanne'; try wane");
  refuse_text("\nlocal x = foobarbaz", "text.lua:2: unknown name 'foobarbaz'");
  refuse_text("\033Lua", "text.lua: not a text file");
  refuse_text("while true do end", "text.lua:1: stopped: the file works too long");
  refuse_text("error({})", "text.lua: error() was called with a table");
  refuse_text("local t = {} for i = 1, 1e9 do t[i] = {} end", "text.lua: the file needs more than 64 MiB");
  char *large = malloc((1 << 20) + 100);
  assert_non_null(large);
  memset(large, ' ', (1 << 20) + 99);
  large[(1 << 20) + 99] = '\0';
  refuse_text(large, "text.lua: longer than a megabyte");
  free(large);
  // with a byte order mark, and with windows' line ends
  write_file("marked.lua", "\xEF\xBB\xBFreturn wane.model {\r\n name = 'm', states = { { 'A', 'mg' } },\r\n"
                           " equations = function() d.A = 0 end }\r\n");
  wn_script_destroy(load("./marked.lua"));
  wn_script_destroy(NULL);
  wn_script *script;
  assert_int_equal(wn_script_load(NULL, "nothing", &script, NULL), WN_ERR_USER);
}

static void test_parts(void **state) {
  (void)state;
  mkdir("parts", 0777);
  mkdir("parts/deep", 0777);
  write_file("parts/half.lua", "local n = 0 local half = {} function half.of(x) return x / 2 end\n"
                               "function half.wrong(x)\n return x + q(1, 'kg') end return half");
  write_file("parts/deep/two.lua",
             "local half = require 'parts.half' half.seen = (half.seen or 0) + 1 return { half = half }");
  write_file("parts/loop.lua", "return require 'parts.loop'");
  write_file("parts/number.lua", "return 5");
  write_file("parts/broken.lua", "\nlocal = 5");
  write_file("parts/bad.lua", "return { x = unknown_thing }");
  // loaded once, shared, in an environment of their own; the bundled parts are found too
  wn_script *script = load_sketch(&(sketch){
      .top =
          "local half, two, again, pk = require 'parts.half', require 'parts.deep.two', require 'parts.half', require "
          "'parts.pk' assert(half == again and two.half == half and half.seen == 1 and pk.two_compartment)",
      .equations = "C = half.of(A) / V d.A = -CL * C"});
  double a = 8;
  const wn_model *model = wn_script_model(script);
  wn_point point = {.param = (double[]){2, 10}, .state = &a};
  assert_true(wn_graph_eval(model->graph, model->output[0].value, &point) == 0.4);
  wn_script_destroy(script);
#define TOP(text, words) expect_words(&(sketch){.top = text}, words)
  TOP("require 'parts.nowhere'", "small.lua:1: require: no part 'parts.nowhere'");
  TOP("require 'io'", "require 'io': expected a part, as in require \"parts.pk\"");
  TOP("require 'parts./etc/passwd'", "expected a part");
  TOP("require 'parts.'", "expected a part");
  TOP("require '..parts.half'", "expected a part");
  TOP("require 'parts...small'", "no part");
  TOP("require 'parts.loop'", "parts/loop.lua:1: require: part 'parts.loop' requires itself");
  TOP("require 'parts.number'", "parts/number.lua: expected the file to return a table, got a number");
  TOP("require 'parts.broken'", "parts/broken.lua:2: <name> expected");
  TOP("require 'parts.bad'", "parts/bad.lua:1: unknown name 'unknown_thing'");
  TOP("require(5)", "expected a part");
#undef TOP
  expect_words(&(sketch){.top = "local half = require 'parts.half'", .equations = "\nC = half.wrong(A) d.A = 0"},
               "parts/half.lua:3: adding mg to kg: units differ in scale");
  // globals of one file are not seen by another
  write_file("parts/global.lua", "leaked = 5 return {}");
  expect_words(&(sketch){.top = "require 'parts.global' local x = leaked"}, "unknown name 'leaked'");
}

// globals of the file are seen in the equations, after the model's own names
static void test_file_globals(void **state) {
  (void)state;
  wn_script *script = load_sketch(
      &(sketch){.top = "factor = 4 CL = 'hidden'", .equations = "C = factor * A / V d.A = -CL * C / factor"});
  double a = 10;
  const wn_model *model = wn_script_model(script);
  wn_point point = {.param = (double[]){2, 10}, .state = &a};
  assert_true(wn_graph_eval(model->graph, model->state[0].derivative, &point) == -2);
  wn_script_destroy(script);
}

// a model's function called when no model is being loaded any more
static void test_functions_after_loading(void **state) {
  (void)state;
  write_file("parts/kept.lua", "return { store = function(s, f) s.f = f end, s = {} }");
  write_file("kept.lua", "local kept = require 'parts.kept'\n"
                         "local m = { name = 'm', states = { { 'A', 'mg' } } }\n"
                         "function m.equations() kept.s.d = d kept.s.env = _ENV d.A = 0 end\n"
                         "kept.s.f = m.equations return wane.model(m)");
  write_file("scenario.lua",
             "local kept = require 'parts.kept'\n"
             "return wane.scenario { name = 's', model = './kept.lua',\n"
             " arms = function() local a = pcall(kept.s.f) local b = pcall(function() return kept.s.env.A end)\n"
             "   local c = pcall(function() kept.s.d.A = 1 end) local e = pcall(function() kept.s.env.x = 1 end)\n"
             "   assert(not a and not b and not c and not e) kept.s.f() end }");
  wn_script *script = NULL;
  wn_scenario *scenario = NULL;
  wn_error err = {0};
  wn_status status = wn_script_load(&test_env, "./scenario.lua", &script, &err);
  if (!status) status = wn_script_plan(script, NULL, 0, NULL, &scenario, &err);
  assert_int_equal(status, WN_ERR_USER);
  if (!strstr(err.message, "a model's functions run only while it is loaded")) fail_msg("%s", err.message);
  wn_script_destroy(script);
}

// -- memory

static void test_failed_allocations(void **state) {
  (void)state;
  write_model("small.lua",
              &(sketch){.top = "local T = wane.table{ x = {0, 1}, y = {2, 3} }",
                        .doses = " { 'D', 'mg', 'd', into = 'A', amount = function(x) return x end, lag = 'LAG' } ",
                        .parameters = " { 'CL', 2, 'L/h', 'c', 'assumed', 'x' }, { 'V', 10, 'L', 'v', 'assumed', "
                                      "'x' }, { 'LAG', 1, 'h', 'lag', 'assumed', 'x' } ",
                        .equations = "C = A / V * interp(T, exp(-t / LAG)) d.A = -CL * C",
                        .more = "windows = { { 'w', of = 'C', above = 1 } },"
                                "hypotheses = { { 'H', 'h', set = { CL = 1 } } }"});
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
      cmocka_unit_test(test_manual_example),
      cmocka_unit_test(test_bundled_models),
      cmocka_unit_test(test_hypotheses_windows_initial),
      cmocka_unit_test(test_limits),
      cmocka_unit_test(test_doses),
      cmocka_unit_test(test_mistakes_in_parameters),
      cmocka_unit_test(test_mistakes_in_other_lists),
      cmocka_unit_test(test_table_mistakes),
      cmocka_unit_test(test_files),
      cmocka_unit_test(test_parts),
      cmocka_unit_test(test_file_globals),
      cmocka_unit_test(test_functions_after_loading),
      cmocka_unit_test(test_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
