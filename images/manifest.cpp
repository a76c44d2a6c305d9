#include "images/manifest.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/name.hpp"
#include "base/text.hpp"
#include "bulkhead/v1alpha1/api_version.hpp"
#include "crypto/digest.hpp"
#include "images/strict_json.hpp"

namespace bulkhead::images {
namespace {

using Json = nlohmann::json;

constexpr std::size_t list_limit = 4096;           // applications, packages
constexpr std::size_t text_limit = 256;            // any text but the command line
constexpr std::size_t command_line_limit = 2047;   // Linux's COMMAND_LINE_SIZE on x86, less the NUL
constexpr std::uint64_t part_limit = 1ULL << 32U;  // bytes

// A key of a JSON object, and its path for errors: "parts.kernel.size".
class Place {
  public:
    Place(std::string file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
    Place inside(std::string_view key) const {
        return {file_, path_.empty() ? std::string(key) : path_ + "." + std::string(key)};
    }
    std::unexpected<Error> refuse(std::string what, std::string wanted, Code code = Code::corrupt) const {
        return fail(code, (path_.empty() ? "" : path_ + ": ") + std::move(what), file_, std::move(wanted),
                    "make the image again with images/build");
    }

  private:
    std::string file_;
    std::string path_;
};

std::string shown(const Json& value) {
    return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), 80);
}

// Exactly the keys `keys`, no more and no fewer.
Result<> check_keys(const Json& value, const Place& place, std::initializer_list<std::string_view> keys) {
    if (!value.is_object()) return place.refuse("is " + shown(value), "an object");
    for (const auto& [key, member] : value.items()) {
        if (std::ranges::find(keys, key) != keys.end()) continue;
        const std::string near = nearest(key, keys);
        return place.refuse("unknown key '" + printable(key, 80) + "'", near.empty() ? "none" : near);
    }
    for (const auto key : keys)
        if (!value.contains(key)) return place.refuse("has no '" + std::string(key) + "'", "that key");
    return {};
}

Result<std::string> text_of(const Json& value, const Place& place, std::size_t limit = text_limit) {
    if (!value.is_string()) return place.refuse("is " + shown(value), "a string");
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty() || text.size() > limit || printable(text, limit) != text)
        return place.refuse("is " + shown(value), "1 to " + std::to_string(limit) + " printable characters");
    return text;
}

Result<std::string> sha256_text(const Json& value, const Place& place) {
    BULKHEAD_TRY_ASSIGN(std::string text, text_of(value, place));
    if (!crypto::is_sha256(text))
        return place.refuse("is '" + text + "'", "64 lower-case hexadecimal digits");
    return text;
}

Result<Content> content_of(const Json& value, const Place& place) {
    const Json& size = value.at("size");
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > part_limit)
        return place.inside("size").refuse("is " + shown(size), "a number of bytes up to 4 GiB");
    BULKHEAD_TRY_ASSIGN(std::string digest, sha256_text(value.at("sha256"), place.inside("sha256")));
    return Content{size.get<std::uint64_t>(), std::move(digest)};
}

Result<Content> bare_content(const Json& value, const Place& place) {
    BULKHEAD_TRY(check_keys(value, place, {"size", "sha256"}));
    return content_of(value, place);
}

bool is_plain_file_name(std::string_view name) {
    return !name.starts_with('.') && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_';
    });
}

Result<Part> part_of(const Json& value, const Place& place) {
    BULKHEAD_TRY(check_keys(value, place, {"file", "size", "sha256"}));
    BULKHEAD_TRY_ASSIGN(std::string file, text_of(value.at("file"), place.inside("file")));
    if (!is_plain_file_name(file))
        return place.inside("file").refuse("is '" + file + "'", "a plain file name, not a path");
    BULKHEAD_TRY_ASSIGN(Content content, content_of(value, place));
    return Part{std::move(file), std::move(content)};
}

Result<DebianPackage> package_of(const Json& value, const Place& place) {
    BULKHEAD_TRY(check_keys(value, place, {"name", "version", "sha256"}));
    BULKHEAD_TRY_ASSIGN(std::string name, text_of(value.at("name"), place.inside("name")));
    BULKHEAD_TRY_ASSIGN(std::string version, text_of(value.at("version"), place.inside("version")));
    BULKHEAD_TRY_ASSIGN(std::string digest, sha256_text(value.at("sha256"), place.inside("sha256")));
    return DebianPackage{std::move(name), std::move(version), std::move(digest)};
}

Result<std::map<std::string, Content>> applications_of(const Json& value, const Place& place) {
    if (!value.is_object() || value.size() > list_limit)
        return place.refuse("is not an object of at most 4096 applications", "one");
    std::map<std::string, Content> applications;
    for (const auto& [name, member] : value.items()) {
        if (name.empty() || !is_plain_file_name(name))
            return place.refuse("names '" + printable(name, 80) + "'", "a plain file name");
        BULKHEAD_TRY_ASSIGN(applications[name], bare_content(member, place.inside(name)));
    }
    return applications;
}

Result<std::vector<DebianPackage>> packages_of(const Json& value, const Place& place) {
    if (!value.is_array() || value.size() > list_limit)
        return place.refuse("is not a list of at most 4096 packages", "one");
    std::vector<DebianPackage> packages;
    for (const Json& member : value) {
        BULKHEAD_TRY_ASSIGN(DebianPackage package,
                            package_of(member, place.inside(std::to_string(packages.size()))));
        packages.push_back(std::move(package));
    }
    return packages;
}

Result<Json> parse_json(std::string_view text, const Place& place) {
    auto json = parse_strict_json(text);
    if (!json) return place.refuse(std::move(json).error(), "a manifest");
    return std::move(*json);
}

Result<Manifest> manifest_of(const Json& json, const Place& top) {
    if (const auto version = json.is_object() ? json.find("apiVersion") : json.end();
        version != json.end() && *version != v1alpha1::api_version)
        return top.inside("apiVersion")
            .refuse("is " + shown(*version), std::string(v1alpha1::api_version), Code::newer);
    BULKHEAD_TRY(check_keys(json, top,
                            {"apiVersion", "kind", "name", "suite", "commandLine", "parts", "agent",
                             "applications", "packages"}));
    if (json.at("kind") != "Image") return top.inside("kind").refuse("is " + shown(json.at("kind")), "Image");

    Manifest manifest;
    BULKHEAD_TRY_ASSIGN(std::string name, text_of(json.at("name"), top.inside("name")));
    if (!is_label(name)) return top.inside("name").refuse("is '" + name + "'", "a label (a-z, 0-9, -)");
    manifest.name = model::ImageName(std::move(name));
    BULKHEAD_TRY_ASSIGN(manifest.suite, text_of(json.at("suite"), top.inside("suite")));
    BULKHEAD_TRY_ASSIGN(manifest.command_line,
                        text_of(json.at("commandLine"), top.inside("commandLine"), command_line_limit));
    const Json& parts = json.at("parts");
    BULKHEAD_TRY(check_keys(parts, top.inside("parts"), {"kernel", "initrd"}));
    BULKHEAD_TRY_ASSIGN(manifest.kernel, part_of(parts.at("kernel"), top.inside("parts.kernel")));
    BULKHEAD_TRY_ASSIGN(manifest.initrd, part_of(parts.at("initrd"), top.inside("parts.initrd")));
    BULKHEAD_TRY_ASSIGN(manifest.agent, bare_content(json.at("agent"), top.inside("agent")));
    BULKHEAD_TRY_ASSIGN(manifest.applications,
                        applications_of(json.at("applications"), top.inside("applications")));
    BULKHEAD_TRY_ASSIGN(manifest.packages, packages_of(json.at("packages"), top.inside("packages")));
    return manifest;
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text, const std::string& where) {
    const Place top(where, "");
    if (text.size() > manifest_limit) return top.refuse("is larger than 1 MiB", "a manifest");
    BULKHEAD_TRY_ASSIGN(const Json json, parse_json(text, top));
    return manifest_of(json, top);
}

}  // namespace bulkhead::images
