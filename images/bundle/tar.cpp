#include "images/bundle/tar.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "images/bundle/document.hpp"

namespace bulkhead::images {
namespace {

constexpr std::size_t block = 512;
constexpr std::size_t name_length = 100;
constexpr std::size_t prefix_length = 155;

// Offsets and lengths of the header's fields (pax(1), "ustar Interchange Format").
struct Field {
    std::size_t at;
    std::size_t length;
};
constexpr Field name_field{0, name_length};
constexpr Field mode_field{100, 8};
constexpr Field size_field{124, 12};
constexpr Field checksum_field{148, 8};
constexpr std::size_t type_at = 156;
constexpr Field magic_field{257, 8};
constexpr Field prefix_field{345, prefix_length};
constexpr std::string_view magic{
    "ustar\0"
    "00",
    8};
constexpr std::uint64_t longest_file = (std::uint64_t{1} << 33U) - 1;  // eleven octal digits

std::size_t padded(std::size_t size) {
    return (size + block - 1) / block * block;
}

std::string_view raw(std::string_view header, Field field) {
    return header.substr(field.at, field.length);
}

std::string text_of(std::string_view header, Field field) {
    const auto bytes = raw(header, field);
    return std::string(bytes.substr(0, bytes.find('\0')));
}

// Octal digits, then spaces or NULs.
std::optional<std::uint64_t> number_of(std::string_view header, Field field) {
    auto bytes = raw(header, field);
    while (!bytes.empty() && (bytes.back() == '\0' || bytes.back() == ' ')) bytes.remove_suffix(1);
    if (bytes.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : bytes) {
        if (c < '0' || c > '7') return std::nullopt;
        value = value * 8 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

// Of all bytes, those of the checksum itself taken for spaces.
std::uint64_t checksum_of(std::string_view header) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const bool own = i >= checksum_field.at && i < checksum_field.at + checksum_field.length;
        sum += own ? std::uint64_t{' '} : static_cast<unsigned char>(header[i]);
    }
    return sum;
}

bool all_zero(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == std::string_view::npos;
}

std::string kind_of(char type) {
    switch (type) {
        case '1':
            return "a hard link";
        case '2':
            return "a symbolic link";
        case '3':
        case '4':
            return "a device";
        case '6':
            return "a named pipe";
        case 'x':
        case 'g':
        case 'L':
        case 'K':
            return "an extended header";
        default:
            return "an entry of unknown type '" + printable(std::string_view(&type, 1), 4) + "'";
    }
}

class TarReader {
  public:
    TarReader(std::string_view archive, const TarLimits& limits, const std::string& where)
        : archive_(archive), limits_(limits), where_(where) {}

    Result<std::vector<TarEntry>> read() {
        while (true) {
            if (archive_.size() - at_ < block) return truncated("a header");
            const auto header = archive_.substr(at_, block);
            if (all_zero(header)) break;
            BULKHEAD_TRY(read_entry(header));
        }
        // Two blocks of zeros end it, and tar may pad to its own record size; nothing else may hide there.
        const auto end = archive_.substr(at_);
        if (end.size() < 2 * block) return truncated("the end");
        if (!all_zero(end)) return corrupt("has bytes behind its end");
        return std::move(entries_);
    }

  private:
    std::unexpected<Error> corrupt(std::string what) const {
        return fail(Code::corrupt, "the archive " + std::move(what), where_, "a ustar archive",
                    "build it with `bulkhead bundle build`, or copy it again");
    }
    std::unexpected<Error> truncated(const std::string& missing) const {
        return corrupt("is truncated: " + missing + " is missing at byte " + std::to_string(at_));
    }
    std::unexpected<Error> refuse(std::string what, std::string wanted) const {
        return fail(Code::refused, std::move(what), where_, std::move(wanted),
                    "build it with `bulkhead bundle build`");
    }

    Result<> read_entry(std::string_view header) {
        if (raw(header, magic_field) != magic)
            return corrupt("has no ustar header at byte " + std::to_string(at_));
        if (number_of(header, checksum_field) != checksum_of(header))
            return corrupt("has a header with a wrong checksum at byte " + std::to_string(at_));
        const char type = header[type_at];
        TarEntry entry;
        const std::string prefix = text_of(header, prefix_field);
        entry.path = (prefix.empty() ? "" : prefix + "/") + text_of(header, name_field);
        if (type != '0' && type != '5')
            return refuse("'" + printable(entry.path, 120) + "' is " + kind_of(type),
                          "files and folders only");
        entry.folder = type == '5';
        if (entry.folder && entry.path.ends_with('/')) entry.path.pop_back();
        BULKHEAD_TRY(check_path(entry));

        const auto mode = number_of(header, mode_field);
        const auto size = number_of(header, size_field);
        if (!mode || !size) return corrupt("has no size or mode for '" + entry.path + "'");
        if (entry.folder && *size != 0) return corrupt("gives the folder '" + entry.path + "' a content");
        entry.executable = !entry.folder && (*mode & 0111U) != 0;
        at_ += block;
        if (*size > archive_.size() - at_)
            return corrupt("is truncated: '" + entry.path + "' has " + std::to_string(*size) + " bytes, " +
                           std::to_string(archive_.size() - at_) + " are left");
        entry.content = archive_.substr(at_, static_cast<std::size_t>(*size));
        const auto whole = padded(entry.content.size());
        if (whole > archive_.size() - at_) return truncated("the end of '" + entry.path + "'");
        if (!all_zero(archive_.substr(at_ + entry.content.size(), whole - entry.content.size())))
            return corrupt("has bytes behind '" + entry.path + "'");
        at_ += whole;
        entries_.push_back(std::move(entry));
        return {};
    }

    Result<> check_path(const TarEntry& entry) {
        if (const auto fault = fault_of_bundle_path(entry.path); !fault.empty())
            return refuse(fault, "paths below the bundle");
        if (entries_.size() >= limits_.entries)
            return refuse("has more than " + std::to_string(limits_.entries) + " files and folders",
                          "at most that many");
        if (!(entry.folder ? folders_ : files_).insert(entry.path).second ||
            (entry.folder ? files_ : folders_).contains(entry.path))
            return refuse("'" + entry.path + "' is there twice", "each path once");
        // A file can't be the folder of another one.
        for (auto slash = entry.path.find('/'); slash != std::string::npos;
             slash = entry.path.find('/', slash + 1)) {
            const std::string above = entry.path.substr(0, slash);
            if (files_.contains(above))
                return refuse("'" + entry.path + "' lies below the file '" + above + "'", "each path once");
            folders_.insert(above);
        }
        return {};
    }

    std::string_view archive_;
    const TarLimits& limits_;
    const std::string& where_;
    std::size_t at_ = 0;
    std::vector<TarEntry> entries_;
    std::set<std::string> files_;
    std::set<std::string> folders_;
};

void put(std::string& header, Field field, std::string_view text) {
    std::ranges::copy(text, header.begin() + static_cast<std::ptrdiff_t>(field.at));
}

std::string octal(std::uint64_t value, std::size_t digits) {
    std::string text(digits, '0');
    for (auto digit = text.rbegin(); value != 0 && digit != text.rend(); ++digit, value /= 8)
        *digit = static_cast<char>('0' + value % 8);
    return text;
}

Result<std::string> header_of(const TarEntry& entry) {
    std::string path = entry.path + (entry.folder ? "/" : "");
    std::string prefix;
    if (path.size() > name_length) {
        // The first slash that leaves a short enough name.
        const auto slash = path.find('/', path.size() - name_length - 1);
        if (slash == std::string::npos || slash + 1 == path.size() || slash > prefix_length)
            return fail(Code::invalid, "the path '" + entry.path + "' is too long", {},
                        "names of at most 100 bytes in folders of at most 155");
        prefix = path.substr(0, slash);
        path.erase(0, slash + 1);
    }
    std::string header(block, '\0');
    put(header, name_field, path);
    put(header, mode_field, entry.folder || entry.executable ? "0000755" : "0000644");
    put(header, {108, 8}, "0000000");       // owner
    put(header, {116, 8}, "0000000");       // group
    put(header, {136, 12}, "00000000000");  // time
    put(header, size_field, octal(entry.content.size(), 11));
    header[type_at] = entry.folder ? '5' : '0';
    put(header, magic_field, magic);
    put(header, {329, 8}, "0000000");  // device numbers
    put(header, {337, 8}, "0000000");
    put(header, prefix_field, prefix);
    put(header, checksum_field, octal(checksum_of(header), 6));
    header[checksum_field.at + 7] = ' ';
    return header;
}

}  // namespace

Result<std::vector<TarEntry>> read_tar(std::string_view archive, const TarLimits& limits,
                                       const std::string& where) {
    return TarReader(archive, limits, where).read();
}

Result<std::string> write_tar(std::vector<TarEntry> entries) {
    std::ranges::sort(entries, {}, &TarEntry::path);
    std::string archive;
    for (const auto& entry : entries) {
        if (const auto fault = fault_of_bundle_path(entry.path); !fault.empty())
            return fail(Code::invalid, fault);
        if (entry.content.size() > longest_file)
            return fail(Code::invalid, "'" + entry.path + "' is too large", {}, "at most 8 GiB");
        BULKHEAD_TRY_ASSIGN(const auto header, header_of(entry));
        archive += header;
        archive += entry.content;
        archive.resize(padded(archive.size()));
    }
    archive.append(2 * block, '\0');
    return archive;
}

}  // namespace bulkhead::images
