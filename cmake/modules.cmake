# Shared modules: parts of wane that stand on large libraries (engine/base/module.h). Each is built when its library is
# found, and loaded by the program when first needed.
#
# wane_add_module(NAME SOURCES file... LIBRARIES target...): engine/modules/*.c -> libwane-NAME.so
function(wane_add_module name)
    cmake_parse_arguments(PARSE_ARGV 1 module "" "" "SOURCES;LIBRARIES")
    add_library(wane_module_${name} MODULE ${module_SOURCES})
    set_target_properties(wane_module_${name} PROPERTIES OUTPUT_NAME "wane-${name}" PREFIX lib
                          LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/modules")
    target_include_directories(wane_module_${name} PRIVATE "${PROJECT_SOURCE_DIR}/engine")
    target_link_libraries(wane_module_${name} PRIVATE wane_flags ${module_LIBRARIES})
    install(TARGETS wane_module_${name} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/wane")
    # whatever runs may load it
    foreach(user IN ITEMS wane_core libwane)
        if(TARGET ${user})
            add_dependencies(${user} wane_module_${name})
        endif()
    endforeach()
    set_property(GLOBAL APPEND PROPERTY WANE_MODULES ${name})
endfunction()

file(RELATIVE_PATH wane_module_dir "/prefix/${CMAKE_INSTALL_BINDIR}" "/prefix/${CMAKE_INSTALL_LIBDIR}/wane")
set_property(SOURCE "${PROJECT_SOURCE_DIR}/engine/base/module.c" APPEND PROPERTY COMPILE_DEFINITIONS
             "WANE_MODULE_DIR=\"${wane_module_dir}\"" "WANE_MODULE_BUILD_DIR=\"${PROJECT_BINARY_DIR}/modules\"")

# NetCDF files
pkg_check_modules(wane_netcdf QUIET IMPORTED_TARGET netcdf)
pkg_search_module(wane_hdf5 QUIET IMPORTED_TARGET hdf5-serial hdf5)
if(wane_netcdf_FOUND AND wane_hdf5_FOUND)
    wane_add_module(netcdf SOURCES engine/modules/netcdf.c LIBRARIES PkgConfig::wane_netcdf PkgConfig::wane_hdf5)
else()
    message(STATUS "netCDF is not there: --out takes .csv only (Debian: libnetcdf-dev)")
endif()

# MPI, for mpirun wane sweep
find_package(MPI QUIET COMPONENTS C)
if(MPI_C_FOUND)
    wane_add_module(mpi SOURCES engine/modules/mpi.c LIBRARIES MPI::MPI_C)
else()
    message(STATUS "MPI is not there: sweeps over several machines by --shard only (Debian: libopenmpi-dev)")
endif()
