// Data categories: names of kinds of personal data, joined by dots from the general to the special
// (`user.contact.email`).
#pragma once

#include <string_view>

namespace fconn::privacy {

/// Whether `target` is `category` or stands above it, segment by segment: `user.contact` covers
/// `user.contact.email` but not `user.contacts`. (Fides compares text prefixes, so that
/// `user.name` takes `user.name_extra` with it; that is a mistake, not a rule.)
bool covers(std::string_view target, std::string_view category);

/// Small letters, digits and `_`, joined by single dots.
bool well_formed_category(std::string_view text);

}  // namespace fconn::privacy
