// SPDX-License-Identifier: Apache-2.0
// See utf8.h. @see Unicode 16, tables 3-7 (well-formed sequences) and section 3.9 (substitution of maximal subparts)
#include "utf8.h"

#include <cstdint>
#include <cstring>

namespace eunomia
{

namespace
{

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

struct Sequence {
	size_t bytes; // of the sequence, or of its longest valid beginning; at least 1
	bool is_valid;
};

bool IsIn(unsigned char byte, unsigned char low, unsigned char high)
{
	return byte >= low && byte <= high;
}

// The sequence at the beginning of a text that is not empty.
Sequence FirstOf(std::string_view text)
{
	unsigned char lead = text[0];
	unsigned char low = 0x80, high = 0xbf; // of the second byte
	size_t length;

	if (lead < 0x80)
		return {1, true};
	if (IsIn(lead, 0xc2, 0xdf))
		length = 2;
	else if (IsIn(lead, 0xe0, 0xef))
		length = 3;
	else if (IsIn(lead, 0xf0, 0xf4))
		length = 4;
	else
		return {1, false};
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	for (size_t at = 1; at < length; at++) {
		if (at >= text.size() || !IsIn(text[at], low, high))
			return {at, false};
		low = 0x80;
		high = 0xbf;
	}
	return {length, true};
}

// How many bytes at the beginning are ASCII, rounded down to eight where more follow.
size_t AsciiPrefix(std::string_view text)
{
	size_t at = 0;

	for (; at + 8 <= text.size(); at += 8) {
		uint64_t eight;
		memcpy(&eight, text.data() + at, sizeof(eight));
		if ((eight & 0x8080808080808080) != 0)
			return at;
	}
	while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80)
		at++;
	return at;
}

} // namespace

bool IsUtf8(std::string_view text)
{
	for (text.remove_prefix(AsciiPrefix(text)); !text.empty();) {
		Sequence first = FirstOf(text);
		if (!first.is_valid)
			return false;
		text.remove_prefix(first.bytes);
	}
	return true;
}

std::string ValidUtf8(std::string_view text)
{
	std::string valid;

	valid.reserve(text.size() + 16);
	while (!text.empty()) {
		Sequence first = FirstOf(text);
		valid.append(first.is_valid ? text.substr(0, first.bytes) : kReplacement);
		text.remove_prefix(first.bytes);
	}
	return valid;
}

} // namespace eunomia
