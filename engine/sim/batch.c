// batch.c - the lanes of one batch and the callbacks of its solver. Invariant: a lane is touched only by its own
// subject's parameters and actions; padded lanes repeat the last lane. It must not know of steps, windows or metrics.

#include "sim/batch.h"

int wn_batch_width(int n_subject, bool baseline) {
  int lanes = baseline ? 2 * n_subject : n_subject;
  return (lanes + WN_LANES - 1) / WN_LANES * WN_LANES;
}

int wn_batch_subject_of(const wn_batch *batch, int lane) {
  if (lane >= batch->n_lane) lane = batch->n_lane - 1;
  return lane % batch->n_subject;
}

static const wn_subject *lane_subject(const wn_batch *b, int lane) { return b->subject[wn_batch_subject_of(b, lane)]; }

wn_status wn_batch_init(wn_batch *batch, const wn_scenario *scenario, const wn_subject *subjects, const int *order,
                        int n, bool baseline, wn_error *err) {
  *batch = (wn_batch){.scenario = scenario, .model = scenario->model, .n_subject = n, .subjects = subjects};
  batch->n_lane = baseline ? 2 * n : n;
  batch->width = wn_batch_width(n, baseline);
  batch->subject = wn_alloc((size_t)n * sizeof(wn_subject *));
  batch->cursor = wn_alloc((size_t)n * sizeof(int));
  batch->place = wn_alloc(2 * (size_t)batch->width * sizeof(int));
  wn_status status = batch->subject && batch->cursor && batch->place ? WN_OK : wn_fail_memory(err);
  if (!status) status = wn_lanes_init(&batch->lanes, batch->model, batch->width, err);
  if (status) {
    wn_batch_free(batch);
    return status;
  }
  batch->state = batch->lanes.state;
  batch->group = batch->place + batch->width;
  for (int lane = 0; lane < batch->width; lane++) {
    batch->place[lane] = wn_batch_subject_of(batch, lane);
    batch->group[lane] = baseline ? batch->place[lane] : lane;
  }
  for (int i = 0; i < n; i++) wn_batch_seat(batch, i, order[i]);
  wn_lanes_bind(&batch->lanes);
  wn_lanes_start(&batch->lanes, scenario->t_start);
  return WN_OK;
}

void wn_batch_seat(wn_batch *batch, int place, int subject) {
  batch->subject[place] = &batch->subjects[subject];
  batch->cursor[place] = 0;
  const double *value = batch->subject[place]->param;
  for (int lane = place; lane < batch->width; lane++) {
    if (wn_batch_subject_of(batch, lane) != place) continue;
    for (int i = 0; i < batch->model->n_param; i++) batch->lanes.param[i * batch->width + lane] = value[i];
  }
}

void wn_batch_begin(wn_batch *batch, const bool *is_new) {
  wn_lanes_bind(&batch->lanes);
  wn_lanes_start_some(&batch->lanes, batch->scenario->t_start, is_new);
}

void wn_batch_free(wn_batch *batch) {
  wn_free(batch->subject);
  wn_free(batch->cursor);
  wn_free(batch->place);
  wn_lanes_free(&batch->lanes);
  *batch = (wn_batch){0};
}

static void apply_action(wn_batch *b, const wn_action *action, int lane) {
  if (action->kind == WN_ACT_BOLUS) b->state[action->state * b->width + lane] += action->amount;
  if (action->kind == WN_ACT_RATE) wn_lanes_set_rate(&b->lanes, action->state, lane, action->amount);
}

void wn_batch_apply(wn_batch *batch, int subject, double time) {
  const wn_schedule *schedule = &batch->subject[subject]->schedule;
  for (; batch->cursor[subject] < schedule->n_action; batch->cursor[subject]++) {
    const wn_action *action = &schedule->action[batch->cursor[subject]];
    if (action->time > time + WN_SAME_TIME) break;
    apply_action(batch, action, subject);
    // without a baseline the padded lanes repeat the last subject, doses included
    if (subject == batch->n_lane - 1)
      for (int pad = batch->n_lane; pad < batch->width; pad++) apply_action(batch, action, pad);
  }
}

double wn_batch_end(const wn_batch *batch, int lane) {
  return wn_scenario_end(batch->scenario, lane_subject(batch, lane)->arm);
}

double wn_batch_next(const wn_batch *batch, int subject, double time) {
  const wn_schedule *schedule = &batch->subject[subject]->schedule;
  const double t_end = wn_batch_end(batch, subject);
  for (int i = batch->cursor[subject]; i < schedule->n_action; i++) {
    double next = schedule->action[i].time;
    // an event so near the end that no time is left for it
    if (next > time + WN_SAME_TIME) return next > t_end - WN_SAME_TIME ? t_end : next;
  }
  return t_end;
}
