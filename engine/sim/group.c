// group.c - subjects that share a batch. Invariant: groups are numbered by their first subject
// and keep the subjects' order, so that the cut is the same for any number of threads. It must not know of solvers.

#include "sim/group.h"

#include <stdint.h>
#include <string.h>

// FNV-1a over the bits of the distinct action times
static uint64_t hash_times(const wn_schedule *schedule) {
  uint64_t hash = 14695981039346656037u;
  for (int i = 0; i < schedule->n_action; i++) {
    double time = schedule->action[i].time + 0.0;
    if (i > 0 && schedule->action[i - 1].time == time) continue;
    uint64_t bits;
    memcpy(&bits, &time, sizeof bits);
    hash = (hash ^ bits) * 1099511628211u;
    hash ^= hash >> 29;
  }
  return hash;
}

// open-addressing table from action times to group; entries are 1 + the group's first subject
typedef struct group_table {
  uint64_t mask;
  int *slot;   // 1 + first subject of the group, 0 empty
  int *group;  // [n] group of each subject
  int *size;   // [n] subjects of each group
  int n_group;
} group_table;

static void assign_group(group_table *table, const wn_subject *subjects, int i) {
  uint64_t at = hash_times(&subjects[i].schedule) & table->mask;
  while (table->slot[at]) {
    int first = table->slot[at] - 1;
    if (wn_schedule_same_times(&subjects[first].schedule, &subjects[i].schedule)) {
      table->group[i] = table->group[first];
      table->size[table->group[i]]++;
      return;
    }
    at = (at + 1) & table->mask;
  }
  table->slot[at] = i + 1;
  table->group[i] = table->n_group++;
  table->size[table->group[i]] = 1;
}

// order subjects by group (a stable counting sort) and cut each group into batches
static void cut(const group_table *table, int n, int per_batch, int *start, wn_plan *plan) {
  int at = 0;
  plan->n_batch = 0;
  for (int g = 0; g < table->n_group; g++) {
    start[g] = at;
    for (int done = 0; done < table->size[g]; done += per_batch) plan->first[plan->n_batch++] = at + done;
    at += table->size[g];
  }
  plan->first[plan->n_batch] = n;
  for (int i = 0; i < n; i++) plan->order[start[table->group[i]]++] = i;
}

wn_status wn_plan_create(const wn_subject *subjects, int n, int per_batch, bool same_times, wn_plan *plan,
                         wn_error *err) {
  *plan = (wn_plan){0};
  uint64_t n_slot = 16;
  while (n_slot < 2 * (uint64_t)n) n_slot *= 2;
  size_t count = (size_t)n + 1;
  group_table table = {.mask = n_slot - 1,
                       .slot = wn_alloc(n_slot * sizeof(int)),
                       .group = wn_alloc(count * sizeof(int)),
                       .size = wn_alloc(count * sizeof(int))};
  int *start = wn_alloc(count * sizeof(int));
  plan->first = wn_alloc(count * sizeof(int));
  plan->order = wn_alloc(count * sizeof(int));
  wn_status status = WN_OK;
  if (table.slot && table.group && table.size && start && plan->first && plan->order) {
    if (!same_times && n > 0) table.n_group = 1, table.size[0] = n;
    for (int i = 0; same_times && i < n; i++) assign_group(&table, subjects, i);
    cut(&table, n, per_batch, start, plan);
  } else {
    wn_plan_free(plan);
    status = wn_fail_memory(err);
  }
  wn_free(table.slot);
  wn_free(table.group);
  wn_free(table.size);
  wn_free(start);
  return status;
}

void wn_plan_free(wn_plan *plan) {
  wn_free(plan->first);
  wn_free(plan->order);
  *plan = (wn_plan){0};
}
