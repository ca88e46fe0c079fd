// models.h - small models for the tests of loading: a template whose parts are replaced, and what is expected of it.
#ifndef WN_TEST_SCRIPT_MODELS_H
#define WN_TEST_SCRIPT_MODELS_H

#include "script/files.h"

// Parts of a model file; NULL stands for the usual. `equations` is the body of the function.
typedef struct sketch {
  const char *top, *parameters, *states, *doses, *equations, *outputs, *more;
} sketch;

static inline const char *either_text(const char *text, const char *usual) { return text ? text : usual; }

// The file begins with `top` on line 1; the body of the equations on line 8.
static inline void write_model(const char *path, const sketch *s) {
  char *text = malloc(1 << 16);
  assert_non_null(text);
  snprintf(text, 1 << 16,
           "%s return wane.model {\n"
           "  name = 'small',\n"
           "  parameters = {%s},\n"
           "  states = {%s},\n"
           "  doses = {%s},\n"
           "  outputs = {%s},\n"
           "  equations = function()\n"
           "%s\n"
           "  end,\n"
           "%s\n"
           "}\n",
           either_text(s->top, ""),
           either_text(s->parameters, " { 'CL', 2, 'L/h', 'clearance', 'assumed', 'example' },"
                                      " { 'V', 10, 'L', 'volume', 'assumed', 'example' } "),
           either_text(s->states, " { 'A', 'mg', 'in the body' } "), either_text(s->doses, ""),
           either_text(s->outputs, " { 'C', 'mg/L', 'plasma' } "), either_text(s->equations, "C = A / V d.A = -CL * C"),
           either_text(s->more, ""));
  write_file(path, text);
  free(text);
}

static inline wn_script *load_sketch(const sketch *s) {
  write_model("small.lua", s);
  wn_script *script;
  wn_error err = {0};
  if (wn_script_load(&test_env, "./small.lua", &script, &err)) fail_msg("%s", err.message);
  return script;
}

static inline void expect_words(const sketch *s, const char *words) {
  write_model("small.lua", s);
  wn_script *script;
  wn_error err = {0};
  if (!wn_script_load(&test_env, "./small.lua", &script, &err)) {
    wn_script_destroy(script);
    fail_msg("no error; expected: %s", words);
  }
  assert_null(script);
  assert_int_equal(err.status, WN_ERR_USER);
  if (!strstr(err.message, words)) fail_msg("expected: %s\n  got: %s", words, err.message);
}

#define EXPECT_EQUATIONS(text, words) expect_words(&(sketch){.equations = text}, words)

#endif
