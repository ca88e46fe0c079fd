// app.h - what the files of the program share: the command line as data, words to standard error, exit statuses.
#ifndef WN_APP_APP_H
#define WN_APP_APP_H

#include "base/memory.h"
#include "sim/verify.h"
#include "study.h"
#include <stdio.h>

// Exit statuses.
enum { WN_EXIT_OK = 0, WN_EXIT_RUN = 1, WN_EXIT_USER = 2, WN_EXIT_INTERRUPT = 130 };

// -- command line (args.c) ------------------------------------------------------------------------------------------

// One option of a command: "--until TIME". value NULL: a switch.
typedef struct wn_flag {
  const char *name, *value, *doc;
  bool repeats;
} wn_flag;

typedef struct wn_args wn_args;

typedef struct wn_command {
  const char *name, *operand;  // operand "FILE", "[COMMAND]" (may be left out), "FOLDER..." (one or more) or NULL
  const char *summary, *text;  // a line for the list; paragraphs and examples for its own help
  const wn_flag *flags;        // ends with name == NULL
  int (*run)(const wn_args *args);
} wn_command;

enum { WN_MAX_GIVEN = 512, WN_MAX_OPERAND = 4096 };

struct wn_args {
  const wn_command *command;
  const char *operand;  // the first; NULL when left out
  const char *operands[WN_MAX_OPERAND];
  int n_operand;
  int n;
  struct {
    const wn_flag *flag;
    const char *value;  // NULL for a switch
  } given[WN_MAX_GIVEN];
};

extern const wn_command wn_command_run, wn_command_list, wn_command_describe, wn_command_check, wn_command_validate,
    wn_command_explain, wn_command_conform, wn_command_sweep, wn_command_merge, wn_command_bench, wn_command_help;
extern const wn_command *const wn_commands[];  // ends with NULL
const wn_command *wn_command_find(const char *name);

// Read what follows the command's name. *help is set when --help is among it. Offers the nearest name on a mistake.
wn_status wn_args_read(const wn_command *command, int argc, char **argv, wn_args *args, bool *help, wn_error *err);

bool wn_args_has(const wn_args *args, const char *name);
const char *wn_args_value(const wn_args *args, const char *name);  // NULL when not given

// Every value of a repeatable option, in order -> values[WN_MAX_GIVEN]; returns how many.
int wn_args_values(const wn_args *args, const char *name, const char **values);

// -- what commands have in common (common.c) ------------------------------------------------------------------------

// Print "wane: ..." to standard error; the exit status that goes with it.
int wn_app_fail(const wn_error *err);
void wn_app_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// How wide the table may be: the terminal's width, or 100.
int wn_app_columns(void);

// Fill what run, explain and check understand alike: settings, doses, span, solver. values holds the lists.
typedef struct wn_request {
  wn_study_def def;
  const char *set[WN_MAX_GIVEN], *dose[WN_MAX_GIVEN];
} wn_request;
wn_status wn_request_read(const wn_args *args, wn_request *request, wn_error *err);

// The number of an option, which stays what it was when the option is not given.
wn_status wn_app_number(const wn_args *args, const char *name, const char *expected, double *value, wn_error *err);

// The directory of a file must be there and let us in; anything else shows when it is written.
wn_status wn_app_check_place(const char *path, wn_error *err);

// "wane run FILE --set a=1": what decides the numbers, without where they go. Allocated; NULL when out of memory.
char *wn_request_line(const wn_args *args);

// -- a second opinion (verify.c) ------------------------------------------------------------------------------------

// What --verify asks for; without it `share` of the simulations, within the work that a run may spend on it.
wn_status wn_app_verify_def(const wn_args *args, double share, wn_verify_def *def, wn_error *err);

// Check what a study has run; its result then says what came of it. Where only a terminal is to see that, the clock may
// end it early. Warns when solvers disagree.
wn_status wn_app_verify_study(wn_study *study, const wn_verify_def *def, bool to_files, wn_error *err);
void wn_app_say_verification(const wn_verification *verdict);

// Refuse, or say, that a bare model of a run has no doses. Scenarios have what they have.
wn_status wn_app_check_doses(const wn_args *args, const wn_study *study, wn_error *err);

// Open and plan the command's FILE.
wn_status wn_app_plan(const wn_args *args, const wn_request *request, wn_study **study, wn_error *err);

// Repeat a run whenever a Lua file it may depend on is saved (watch.c). Returns an exit status.
int wn_app_watch(const wn_args *args, int (*run)(const wn_args *args));

// run --sensitivity local (local.c). Returns an exit status.
int wn_app_local(const wn_args *args);

// Print what a sweep's user may want to know before it runs.
typedef struct wn_sweeping wn_sweeping;
void wn_app_advise(const wn_sweeping *sweeping);

// sweep of a scenario with a goal (find.c): false, with nothing done, when the operand has none. Else its exit status.
bool wn_app_find(const wn_args *args, int *exit_status);

// run and explain with --data (data.c). Return an exit status.
int wn_app_run_data(const wn_args *args);
int wn_app_explain_data(const wn_args *args);

// Help (help.c).
void wn_help_all(FILE *stream);
void wn_help_command(const wn_command *command, FILE *stream);

// -- columns of text (columns.c) ------------------------------------------------------------------------------------

enum { WN_MAX_COLUMN = 12 };

// A list printed in aligned columns, the last one wrapped; rows are added first. Text is copied.
typedef struct wn_columns {
  wn_arena *arena;
  int n, indent;
  const char *right;  // "..r.": which are flush right; may be NULL
  WN_ARRAY(const char **) rows;
  bool failed;
} wn_columns;

void wn_columns_init(wn_columns *columns, int n, int indent, const char *right);
void wn_columns_add(wn_columns *columns, ...);  // n strings
const char *wn_columns_text(wn_columns *columns, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wn_columns_print(wn_columns *columns, FILE *stream, int width);  // and free them

// What a number is shown as: the shortest text with up to 6 digits.
const char *wn_columns_number(wn_columns *columns, double value);

#endif
