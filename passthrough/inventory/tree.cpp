#include "passthrough/inventory/tree.hpp"

#include <algorithm>
#include <cctype>

#include "base/file.hpp"
#include "base/text.hpp"
#include "model/pci_address.hpp"
#include "model/usb_port.hpp"

namespace bulkhead::passthrough::inventory {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_names = 4096;
constexpr std::size_t attribute_limit = 4096;  // a page, as sysfs has it
constexpr std::size_t table_limit = 256 * 1024;
constexpr std::size_t longest_text = 64;
constexpr std::string_view devices = "/sys/devices/";

bool are_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<std::string> Tree::names(const fs::path& folder) const {
    std::error_code error;
    std::vector<std::string> found;
    for (fs::directory_iterator at(root_ / folder, error), end; !error && at != end; at.increment(error)) {
        if (found.size() == most_names) break;
        found.push_back(at->path().filename());
    }
    std::ranges::sort(found);
    return found;
}

bool Tree::has(const fs::path& path) const {
    std::error_code error;
    return fs::exists(root_ / path, error);
}

std::string Tree::attribute(const fs::path& file) const {
    const auto text = read_file(root_ / file, attribute_limit);
    return text ? printable(trimmed(*text), longest_text) : std::string();
}

std::vector<std::string> Tree::lines(const fs::path& file) const {
    const auto text = read_file(root_ / file, table_limit);
    return text ? split_text(*text, '\n') : std::vector<std::string>();
}

std::string Tree::link_target(const fs::path& link) const {
    std::error_code error;
    return fs::read_symlink(root_ / link, error);
}

std::string Tree::link_name(const fs::path& link) const {
    return printable(fs::path(link_target(link)).filename().string(), longest_text);
}

std::string Tree::place(const fs::path& link) const {
    std::error_code error;
    const std::string end = fs::canonical(root_ / link, error);
    const auto start = error ? std::string::npos : end.find(devices);
    return start == std::string::npos ? std::string() : end.substr(start + devices.size());
}

std::vector<std::string> parts_of(const std::string& place) {
    return split_text(place, '/');
}

bool is_within(const std::string& inner, const std::string& outer) {
    return !outer.empty() && inner.starts_with(outer) &&
           (inner.size() == outer.size() || inner[outer.size()] == '/');
}

bool is_usb_port(std::string_view text) {
    return model::is_usb_port(text);
}

bool is_usb_interface(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || !model::is_usb_port(text.substr(0, colon))) return false;
    const auto numbers = split_text(text.substr(colon + 1), '.');
    return numbers.size() == 2 && std::ranges::all_of(numbers, are_digits);
}

std::string bus_name(const std::string& place) {
    const auto parts = parts_of(place);
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
        if (model::is_pci_address(*part) || is_usb_interface(*part)) return *part;
    return parts.back();
}

}  // namespace bulkhead::passthrough::inventory
