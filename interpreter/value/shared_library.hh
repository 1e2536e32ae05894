// Shared libraries of the system that are loaded when they are first needed, so that programs that
// don't need them pay neither for them nor for everything that they depend on.
#pragma once

#include "interpreter/value/result.hh"

namespace fconn::value {

class SharedLibrary {
 public:
  /// `file` is the name that says the library's interface ("libcurl.so.4"), looked for where the
  /// dynamic loader looks; `package` is what to install when it isn't there. It stays loaded until
  /// the process ends: such libraries leave threads' data and exit handlers behind, so unloading
  /// them is not safe. Loading one again costs some microseconds.
  static Result<SharedLibrary> open(const char* file, const char* package);

  /// Null when the library has no such function; `lacks` is the failure for it.
  void* symbol(const char* name) const;
  tl::unexpected<Failure> lacks(const char* name) const;

 private:
  SharedLibrary(void* handle, const char* file, const char* package)
      : handle_(handle), file_(file), package_(package) {}

  void* handle_;
  const char* file_;
  const char* package_;
};

/// A table of functions (see FCONN_LIBRARY_FUNCTIONS), or a `configuration` failure that says what
/// to install. It holds plain pointers: copy it freely.
template <class Functions>
Result<Functions> load_library(const char* file, const char* package) {
  auto library = SharedLibrary::open(file, package);
  if (!library) return fail(std::move(library.error()));
  Functions functions;
  if (auto found = functions.find_in(*library); !found) return fail(std::move(found.error()));
  return functions;
}

}  // namespace fconn::value

/// The members of a table: pointers to the functions of a library, under their own names and with
/// the types that its header gives them. LIST(F) names them: F(one) F(two).
#define FCONN_LIBRARY_FUNCTIONS(LIST)                                                  \
  LIST(FCONN_LIBRARY_FUNCTION)                                                         \
  ::fconn::value::Result<void> find_in(const ::fconn::value::SharedLibrary& library) { \
    LIST(FCONN_FIND_FUNCTION)                                                          \
    return {};                                                                         \
  }
// Names can't stand in parentheses where they are declared or assigned to.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define FCONN_LIBRARY_FUNCTION(name) decltype(&::name) name = nullptr;
#define FCONN_FIND_FUNCTION(name)                                 \
  name = reinterpret_cast<decltype(name)>(library.symbol(#name)); \
  if (name == nullptr) return library.lacks(#name);
// NOLINTEND(bugprone-macro-parentheses)
