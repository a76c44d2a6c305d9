// The images that this gateway may boot: <folder>/<name>/manifest.json and the parts that it names.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "images/file_digests.hpp"
#include "images/manifest.hpp"
#include "model/resources.hpp"

namespace bulkhead::images {

class ImageStore {
  public:
    ImageStore(std::filesystem::path folder, const Clock& clock)
        : folder_(std::move(folder)), digests_(clock) {}

    // The images all of whose parts match their manifest now. Hashes a file once and again whenever its stamp
    // changes: the first call takes about 0.1 s per image, later ones microseconds. An image that does not
    // match is left out and stands in refused(); only an unreadable folder is an error. No folder means no
    // images.
    Result<std::map<model::ImageName, model::Image>> verified();

    // What the last verified() left out, by the name of its folder, and why.
    const std::map<model::ImageName, Error>& refused() const { return refused_; }

  private:
    Result<model::Image> verify(const std::filesystem::path& image);
    Result<> verify_part(std::string_view role, const std::filesystem::path& path, const Content& wanted);

    std::filesystem::path folder_;
    FileDigests digests_;
    std::map<model::ImageName, Error> refused_;
};

}  // namespace bulkhead::images
