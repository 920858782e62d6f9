// SPDX-License-Identifier: Apache-2.0
// UTF-8 as RE2 needs it: valid. Texts of the kernel are bytes of any kind.
#pragma once
#include <string>
#include <string_view>

namespace eunomia
{

// True when the text is valid UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

// A copy in which each maximal invalid part is U+FFFD, as the Encoding Standard and Node's decoder replace it.
std::string ValidUtf8(std::string_view text);

} // namespace eunomia
