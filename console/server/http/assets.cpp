#include "console/server/http/assets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"
#include "console/server/http/json.hpp"

namespace bulkhead::console::http {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_files = 4096;
constexpr std::size_t largest_file = std::size_t{16} * 1024 * 1024;

constexpr std::array<std::pair<std::string_view, std::string_view>, 15> types = {
    {{".html", "text/html; charset=utf-8"},
     {".js", "text/javascript; charset=utf-8"},
     {".mjs", "text/javascript; charset=utf-8"},
     {".css", "text/css; charset=utf-8"},
     {".json", "application/json"},
     {".map", "application/json"},
     {".webmanifest", "application/manifest+json"},
     {".svg", "image/svg+xml"},
     {".png", "image/png"},
     {".webp", "image/webp"},
     {".ico", "image/x-icon"},
     {".woff2", "font/woff2"},
     {".woff", "font/woff"},
     {".wasm", "application/wasm"},
     {".txt", "text/plain; charset=utf-8"}}};

std::string_view type_of(const fs::path& file) {
    for (const auto& [extension, type] : types)
        if (file.extension() == extension) return type;
    return "application/octet-stream";
}

// Vite's names: index-BqK3_x0a.js. A new content has a new name, so the old one never changes.
bool has_hashed_name(std::string_view path) {
    if (!path.starts_with("/assets/")) return false;
    const auto dot = path.rfind('.');
    if (dot == std::string_view::npos || dot < 9) return false;
    const auto hash = path.substr(dot - 8, 8);
    return path[dot - 9] == '-' && std::ranges::all_of(hash, [](unsigned char c) {
               return std::isalnum(c) != 0 || c == '-' || c == '_';
           });
}

Response no_web_ui() {
    Response response;
    response.status = 404;
    response.type = "text/plain; charset=utf-8";
    response.body = "This console was started without the web UI. Its API is below /api/v1.\n";
    return response;
}

}  // namespace

Result<Assets> Assets::open(const fs::path& folder) {
    std::map<std::string, fs::path> files;
    std::error_code failure;
    auto entry = fs::recursive_directory_iterator(folder, failure);
    for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
        if (!entry->is_regular_file(failure) || entry->is_symlink(failure)) continue;
        if (files.size() == most_files)
            return fail(Code::invalid, "too many files", folder.string(), "the built web UI");
        files.emplace("/" + entry->path().lexically_relative(folder).generic_string(), entry->path());
    }
    if (failure) return fail_errno(failure.value(), "the web UI's folder can't be read", folder.string());
    if (!files.contains("/index.html"))
        return fail(Code::invalid, "there is no index.html", folder.string(),
                    "the folder of the built web UI");
    return Assets(std::move(files));
}

Response Assets::answer(const Request& request) const {
    if (files_.empty()) return no_web_ui();
    auto file = files_.find(request.path);
    // A missing script must not come as a page: browsers would report something quite different.
    if (file == files_.end() && request.path.starts_with("/assets/"))
        return refusal(Error{Code::not_found, "there is no such file", printable(request.path, 128), "", ""});
    if (file == files_.end()) file = files_.find("/index.html");
    auto content = read_file(file->second, largest_file);
    if (!content) return refusal(content.error());
    const auto tag = "\"" + std::to_string(stable_hash(*content)) + "\"";
    Response response;
    response.headers = {
        {"ETag", tag},
        {"Cache-Control", has_hashed_name(file->first) ? "public, max-age=31536000, immutable" : "no-cache"}};
    response.type = type_of(file->second);
    if (request.if_none_match == tag) {
        response.status = 304;
        return response;
    }
    response.body = *std::move(content);
    return response;
}

Pairs security_headers() {
    // Styles: the terminal writes style elements of its own. Scripts: ours alone.
    return {{"Content-Security-Policy",
             "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
             "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
             "frame-ancestors 'none'"},
            {"X-Content-Type-Options", "nosniff"},
            {"X-Frame-Options", "DENY"},
            {"Referrer-Policy", "no-referrer"},
            {"Cross-Origin-Opener-Policy", "same-origin"},
            {"Cross-Origin-Resource-Policy", "same-origin"}};
}

}  // namespace bulkhead::console::http
