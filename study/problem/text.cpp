// SPDX-License-Identifier: BSD-3-Clause
#include "problem/text.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace misfit::study {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    if (static_cast<unsigned char>(letter) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(letter));
      result += escaped;
    } else {
      result += letter;
    }
  }
  return result + "\"";
}

}  // namespace

std::string formatted(const char* format, double number) {
  char text[64];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

std::string bytes_text(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < units.size(); ++unit) bytes /= 1024;
  return formatted("%.3g ", bytes) + units[unit];
}

std::string counted(int count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

JsonObject& JsonObject::add_raw(const std::string& name, const std::string& value) {
  members_ += (members_.empty() ? "" : ", ") + quoted(name) + ": " + value;
  return *this;
}

JsonObject& JsonObject::add(const std::string& name, const std::string& text) {
  return add_raw(name, quoted(text));
}

JsonObject& JsonObject::add(const std::string& name, double number) {
  return add_raw(name, std::isfinite(number) ? formatted("%.10g", number) : "null");
}

JsonObject& JsonObject::add(const std::string& name, const std::vector<JsonObject>& objects) {
  std::string text;
  for (const JsonObject& object : objects) text += (text.empty() ? "" : ", ") + object.text();
  return add_raw(name, "[" + text + "]");
}

}  // namespace misfit::study
