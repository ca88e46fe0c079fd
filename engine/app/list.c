// list.c - wane list: bundled and the user's own models and plugins, a line each. Invariant: a file that cannot be run
// is listed with the reason; it does not end the list.

#include "app.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const wn_flag flags[] = {{0}};

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

// names of the Lua files of a folder, sorted, from the arena; n 0 when there is no such folder
typedef struct folder_names {
  wn_arena *arena;
  WN_ARRAY(char *) list;
} folder_names;

static bool read_folder(folder_names *names, const char *folder) {
  DIR *directory = opendir(folder);
  if (!directory) return true;
  bool ok = true;
  for (struct dirent *entry; ok && (entry = readdir(directory));) {
    size_t length = strlen(entry->d_name);
    if (length < 5 || entry->d_name[0] == '.' || strcmp(entry->d_name + length - 4, ".lua") != 0) continue;
    char *name = wn_arena_strdup(names->arena, entry->d_name);
    ok = name && WN_PUSH(&names->list, name);
  }
  closedir(directory);
  if (names->list.n > 0) qsort(names->list.data, (size_t)names->list.n, sizeof *names->list.data, compare_names);
  return ok;
}

// "naltrexone" of "naltrexone" and "../models/naltrexone.lua"
static const char *model_name(wn_columns *columns, const char *model) {
  const char *slash = strrchr(model, '/'), *name = slash ? slash + 1 : model;
  size_t length = strlen(name);
  if (length > 4 && strcmp(name + length - 4, ".lua") == 0) length -= 4;
  return wn_columns_text(columns, "%.*s", (int)length, name);
}

// by what the file says of itself: compiling every model would take ten times as long
static bool add_peeked(wn_columns *columns, const char *path, const char *shown) {
  char data[4096];
  wn_error err = {0};
  wn_peek peek;
  wn_arena *arena = wn_arena_create();
  bool done = arena && !wn_data_dir(data, &err) && !wn_script_peek(&(wn_script_env){data}, path, arena, &peek, &err) &&
              peek.title;
  if (done)
    wn_columns_add(columns, shown, peek.is_scenario ? model_name(columns, peek.model) : "",
                   wn_columns_text(columns, "%s", peek.title));
  if (arena) wn_arena_destroy(arena);
  return done;
}

static void add_file(wn_columns *columns, const char *path, const char *shown) {
  wn_error err = {0};
  wn_study *study;
  if (add_peeked(columns, path, shown)) return;
  if (wn_study_open(NULL, path, &study, &err)) {
    wn_columns_add(columns, shown, "", wn_columns_text(columns, "cannot be loaded: %s", err.message));
    return;
  }
  // a scenario's title may depend on its options
  wn_study_def def = wn_study_default();
  if (wn_study_plan(study, &def, &err))
    wn_columns_add(columns, shown, "", wn_columns_text(columns, "cannot be planned: %s", err.message));
  else
    wn_columns_add(columns, shown, wn_study_is_scenario(study) ? study->scenario->model->name : "",
                   wn_study_title(study));
  wn_study_close(study);
}

// a folder's files under a heading; bundled ones by their bare names, others by their paths
static bool list_folder(const char *heading, const char *folder, bool bundled) {
  folder_names names = {.arena = wn_arena_create()};
  wn_columns columns;
  bool ok = names.arena && read_folder(&names, folder);
  wn_columns_init(&columns, 3, 2, NULL);
  for (int i = 0; ok && i < names.list.n; i++) {
    char path[4400], shown[4400];
    const char *name = names.list.data[i];
    snprintf(path, sizeof path, "%s/%.255s", folder, name);
    snprintf(shown, sizeof shown, "%.*s", (int)strlen(bundled ? name : path) - (bundled ? 4 : 0),
             bundled ? name : path);
    add_file(&columns, path, shown);
  }
  if (ok && names.list.n > 0) fprintf(stdout, "%s\n", heading);
  wn_columns_print(&columns, stdout, wn_app_columns());
  WN_ARRAY_FREE(&names.list);
  if (names.arena) wn_arena_destroy(names.arena);
  return ok;
}

static bool same_folder(const char *a, const char *b) {
  struct stat x, y;
  return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int run(const wn_args *args) {
  (void)args;
  char data[4096], models[4200], plugins[4200];
  wn_error err = {0};
  if (wn_data_dir(data, &err)) return wn_app_fail(&err);
  snprintf(models, sizeof models, "%s/models", data);
  snprintf(plugins, sizeof plugins, "%s/plugins", data);
  bool ok = list_folder("models", models, true) && list_folder("plugins, and the model of each", plugins, true);

  // the user's own: where WANE_PATH points, and what lies here unless it is what was just listed
  const char *own[] = {getenv("WANE_PATH"), "models", "plugins"};
  for (int i = 0; ok && i < 3; i++) {
    if (!own[i] || !*own[i] || strlen(own[i]) > 4000) continue;
    if (same_folder(own[i], models) || same_folder(own[i], plugins)) continue;
    if (i > 0 && own[0] && same_folder(own[0], own[i])) continue;
    char heading[4200];
    snprintf(heading, sizeof heading, "your own, in %s", own[i]);
    ok = list_folder(heading, own[i], false);
  }
  if (ok) return WN_EXIT_OK;
  wn_fail_memory(&err);
  return wn_app_fail(&err);
}

const wn_command wn_command_list = {
    .name = "list",
    .summary = "bundled models and plugins, and your own, with a line each",
    .text =
        "List the bundled models and plugins, then your own: the Lua files in the folder WANE_PATH, in ./models and\n"
        "in ./plugins.",
    .flags = flags,
    .run = run,
};
