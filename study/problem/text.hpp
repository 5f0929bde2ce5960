// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

namespace misfit::study {

/// As printf() would print it.
std::string formatted(const char* format, double number);
/// For instance "1.5 GiB".
std::string bytes_text(double bytes);
/// For instance "3 ranks", "1 rank".
std::string counted(int count, const std::string& word);

/// A JSON object, in one line.
class JsonObject {
 public:
  JsonObject& add(const std::string& name, const std::string& text);
  JsonObject& add(const std::string& name, const char* text) {
    return add(name, std::string(text));
  }
  /// null where it is no finite number.
  JsonObject& add(const std::string& name, double number);
  JsonObject& add_null(const std::string& name) { return add_raw(name, "null"); }
  JsonObject& add(const std::string& name, const JsonObject& object) {
    return add_raw(name, object.text());
  }
  JsonObject& add(const std::string& name, const std::vector<JsonObject>& objects);

  std::string text() const { return "{" + members_ + "}"; }

 private:
  JsonObject& add_raw(const std::string& name, const std::string& value);

  std::string members_;
};

}  // namespace misfit::study
