# The Node addon, plain CMake over the npm packages node-addon-api and node-api-headers.
find_program(NODE_EXECUTABLE node REQUIRED)
function(nf_node_eval variable expression)
  execute_process(
    COMMAND "${NODE_EXECUTABLE}" -p "${expression}"
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    OUTPUT_VARIABLE value ERROR_VARIABLE error RESULT_VARIABLE status
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "node -p ${expression} failed; is node_modules there (npm ci)?\n${error}")
  endif()
  file(TO_CMAKE_PATH "${value}" value)
  set(${variable} "${value}" PARENT_SCOPE)
endfunction()
# Not node-addon-api's own include_dir: that one is relative to node's working directory.
nf_node_eval(node_addon_api "path.dirname(require.resolve('node-addon-api/package.json'))")
nf_node_eval(node_api_headers "require('node-api-headers').include_dir")

file(GLOB bind_sources CONFIGURE_DEPENDS native/bind/*.cc)
add_library(neural_forecaster MODULE ${bind_sources})
set_target_properties(neural_forecaster PROPERTIES
  PREFIX "" SUFFIX ".node" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
target_include_directories(neural_forecaster SYSTEM PRIVATE ${node_addon_api} ${node_api_headers})
target_link_libraries(neural_forecaster PRIVATE nf_model)
# A C++ exception becomes a JS error; one thrown while the environment goes down is swallowed.
target_compile_definitions(neural_forecaster PRIVATE
  NF_VERSION="${NF_VERSION}" NAPI_VERSION=9
  NODE_ADDON_API_CPP_EXCEPTIONS NODE_ADDON_API_CPP_EXCEPTIONS_ALL NODE_ADDON_API_DISABLE_DEPRECATED
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS)

if(APPLE)
  target_link_options(neural_forecaster PRIVATE -undefined dynamic_lookup)
elseif(WIN32)
  nf_node_eval(node_api_def "require('node-api-headers').def_paths.node_api_def")
  set(node_import_library "${CMAKE_BINARY_DIR}/node_api.lib")
  execute_process(COMMAND "${CMAKE_AR}" "/def:${node_api_def}" "/out:${node_import_library}"
                  /machine:${CMAKE_SYSTEM_PROCESSOR} COMMAND_ERROR_IS_FATAL ANY)
  target_link_libraries(neural_forecaster PRIVATE "${node_import_library}" delayimp)
  target_link_options(neural_forecaster PRIVATE /DELAYLOAD:NODE.EXE)
else()
  # Nothing but Node-API's two entry points shows outside, and the C++ runtime comes along, so one
  # binary runs beside other addons and on older systems. Never unloaded: threads may still run its
  # code. Bound at once: a symbol that is missing fails the load, not a call in the middle of a job.
  set(exports "${CMAKE_CURRENT_SOURCE_DIR}/cmake/addon.exports")
  target_link_options(neural_forecaster PRIVATE
    "-Wl,--version-script=${exports}" -Wl,-z,nodelete -Wl,-z,now -static-libstdc++ -static-libgcc)
  set_property(TARGET neural_forecaster APPEND PROPERTY LINK_DEPENDS "${exports}")
endif()
