// Runs images/build as a person would, in a folder of its own.
#pragma once

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace bulkhead::images {

class BuiltImage {
  public:
    BuiltImage() {
        std::string pattern = (std::filesystem::temp_directory_path() / "bulkhead-image-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~BuiltImage() { std::filesystem::remove_all(folder_); }
    BuiltImage(const BuiltImage&) = delete;
    BuiltImage& operator=(const BuiltImage&) = delete;

    // Of the image store; the image itself is in a folder below.
    const std::filesystem::path& folder() const { return folder_; }
    std::filesystem::path image() const { return folder_ / "partition-base"; }

    std::filesystem::path script(std::string_view name, std::string_view text) const {
        const auto path = folder_ / name;
        std::ofstream(path) << text;
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }

    // True if the build succeeded. `said()` holds what it wrote to stderr.
    bool build(const std::string& arguments, const std::string& environment = "") const {
        const char* builder = std::getenv("BULKHEAD_IMAGES_BUILD");
        const std::string command = environment + " '" + (builder ? builder : "images/build") +
                                    "' --output '" + image().string() + "' " + arguments + " >'" +
                                    (folder_ / ".out").string() + "' 2>'" + (folder_ / ".err").string() + "'";
        return std::system(command.c_str()) == 0;
    }
    std::string said() const { return content(folder_ / ".err"); }

    static std::string content(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

  private:
    std::filesystem::path folder_;
};

}  // namespace bulkhead::images
