# How everything is compiled: strict C17, no fused multiply-add behind our back (results must not depend on the
# compiler's mood), asserts kept in every build.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
# C++ without its run-time library: no exceptions, no type information, and the C compiler links
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_LINKER_PREFERENCE 0)
set(CMAKE_CXX_LINKER_PREFERENCE_PROPAGATES 0)
set(CMAKE_CXX_IMPLICIT_LINK_LIBRARIES "")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()
foreach(language IN ITEMS C CXX)
    set(CMAKE_${language}_FLAGS_RELEASE "-O2 -g1")
    set(CMAKE_${language}_FLAGS_DEBUG "-O0 -g")
endforeach()

set(WANE_SANITIZE "" CACHE STRING "Sanitizers to compile with: address,undefined or thread")
option(WANE_WERROR "Warnings are errors" ON)

add_library(wane_flags INTERFACE)
target_compile_options(wane_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion $<$<BOOL:${WANE_WERROR}>:-Werror>
                       $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
                       -ffp-contract=off -fno-math-errno "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
target_compile_definitions(wane_flags INTERFACE _GNU_SOURCE)
if(WANE_SANITIZE)
    set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
    set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
    target_compile_options(wane_flags INTERFACE "-fsanitize=${WANE_SANITIZE}" -fno-sanitize-recover=all
                           -fno-omit-frame-pointer)
    target_link_options(wane_flags INTERFACE "-fsanitize=${WANE_SANITIZE}")
endif()

# where the program finds its models, plugins and page: WANE_DATA in the environment; else WANE_DATA_DIR, relative to
# the directory of the executable, if it is there; else the source tree it was built from
file(RELATIVE_PATH wane_data_dir "/prefix/${CMAKE_INSTALL_BINDIR}" "/prefix/${CMAKE_INSTALL_DATADIR}/wane")
target_compile_definitions(wane_flags INTERFACE "WANE_VERSION=\"${PROJECT_VERSION}\""
                           "WANE_DATA_DIR=\"${wane_data_dir}\"" "WANE_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")

# files named *_avx2.c are compiled for AVX2 and FMA, *_avx512.c for AVX-512, and called only where the processor has them
function(wane_flag_avx2)
    if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        return()
    endif()
    foreach(source IN LISTS ARGN)
        if(source MATCHES "_avx2\\.c$")
            set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_OPTIONS -mavx2 -mfma)
        elseif(source MATCHES "_avx512\\.c$")
            set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_OPTIONS -mavx512f -mavx512dq -mavx2 -mfma
                         -mprefer-vector-width=512)
        endif()
    endforeach()
endfunction()
