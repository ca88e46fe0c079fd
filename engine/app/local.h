// local.h - what the files about local sensitivities at the command line share.
#ifndef WN_APP_LOCAL_H
#define WN_APP_LOCAL_H

#include "sim/local.h"

// The tornado of one metric: "[ARM/]QUANTITY.OF", NULL chooses one. WN_ERR_USER names --show.
wn_status wn_app_local_plot(const wn_local *local, const char *show, const char *path, wn_error *err);

#endif
