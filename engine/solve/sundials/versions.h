// versions.h - what SUNDIALS 6.4 and 7 name differently, under the names of 7. Private to the room, as all of SUNDIALS.
#ifndef WN_SOLVE_SUNDIALS_VERSIONS_H
#define WN_SOLVE_SUNDIALS_VERSIONS_H

#include <sundials/sundials_config.h>
#include <sundials/sundials_context.h>

#if SUNDIALS_VERSION_MAJOR < 7
#define SUN_COMM_NULL NULL
#endif

// the functions of all of ARKODE's steppers had names for each of them before 7.1
#if SUNDIALS_VERSION_MAJOR < 7 || (SUNDIALS_VERSION_MAJOR == 7 && SUNDIALS_VERSION_MINOR < 1)
#define ARKodeEvolve ERKStepEvolve
#define ARKodeFree ERKStepFree
#define ARKodeGetErrWeights ERKStepGetErrWeights
#define ARKodeGetEstLocalErrors ERKStepGetEstLocalErrors
#define ARKodeGetNumErrTestFails ERKStepGetNumErrTestFails
#define ARKodeSetInterpolantDegree ERKStepSetInterpolantDegree
#define ARKodeSetMaxErrTestFails ERKStepSetMaxErrTestFails
#define ARKodeSetMaxStep ERKStepSetMaxStep
#define ARKodeSetStopTime ERKStepSetStopTime
#define ARKodeSetUserData ERKStepSetUserData
#define ARKodeWFtolerances ERKStepWFtolerances
#endif

// Before 7 a solver is given its own handler for messages; since then they all go to the context's.
#if SUNDIALS_VERSION_MAJOR < 7
#define WN_SUNDIALS_HANDLER(set, memory, handler, data) set(memory, handler, data)
#else
#define WN_SUNDIALS_HANDLER(set, memory, handler, data) 0
#endif

#endif
