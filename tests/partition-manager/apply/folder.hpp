#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace bulkhead::apply {

// A folder of its own for a test, gone at its end.
class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "bulkhead-apply-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

}  // namespace bulkhead::apply
