#include "interpreter/value/shared_library.hh"

#include <dlfcn.h>

namespace fconn::value {

Result<SharedLibrary> SharedLibrary::open(const char* file, const char* package) {
  void* handle = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle != nullptr) return SharedLibrary(handle, file, package);
  const char* reason = dlerror();
  return fail(FailureKind::configuration, std::string("a library can't be loaded (") +
                                              (reason == nullptr ? file : reason) +
                                              "); on Debian the package " + package + " has it");
}

void* SharedLibrary::symbol(const char* name) const { return dlsym(handle_, name); }

tl::unexpected<Failure> SharedLibrary::lacks(const char* name) const {
  return fail(FailureKind::configuration,
              std::string("the library ") + file_ + " of this system has no " + name +
                  "; on Debian the package " + package_ + " has one that does");
}

}  // namespace fconn::value
