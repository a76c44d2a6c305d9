#include "cli/contexts.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/name.hpp"
#include "yaml/document.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t file_limit = std::size_t{256} * 1024;
constexpr std::array<std::pair<const char*, std::string Endpoint::*>, 5> fields{
    {{"name", &Endpoint::context},
     {"console", &Endpoint::console},
     {"pin", &Endpoint::pin},
     {"user", &Endpoint::user},
     {"session", &Endpoint::session}}};

std::string text_of(const yaml::Node& map, const char* key) {
    const auto* node = map.find(key);
    return node == nullptr ? std::string() : node->text;
}

Endpoint endpoint_of(const yaml::Node& item) {
    Endpoint endpoint;
    for (const auto& [key, member] : fields) endpoint.*member = text_of(item, key);
    endpoint.socket = text_of(item, "socket");
    return endpoint;
}

}  // namespace

const Endpoint* Contexts::find(const std::string& name) const {
    const auto found = std::ranges::find(all, name, &Endpoint::context);
    return found == all.end() ? nullptr : &*found;
}

void Contexts::put(Endpoint endpoint) {
    remove(endpoint.context);
    all.push_back(std::move(endpoint));
    std::ranges::sort(all, {}, &Endpoint::context);
}

bool Contexts::remove(const std::string& name) {
    return std::erase_if(all, [&](const Endpoint& endpoint) { return endpoint.context == name; }) > 0;
}

Result<std::filesystem::path> contexts_path() {
    const char* config = std::getenv("XDG_CONFIG_HOME");
    if (config != nullptr && *config == '/') return std::filesystem::path(config) / "bulkhead/contexts.yaml";
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/')
        return std::filesystem::path(home) / ".config/bulkhead/contexts.yaml";
    return fail(Code::not_found, "there is no place for contexts", {}, "HOME or XDG_CONFIG_HOME");
}

Result<Contexts> read_contexts(const std::filesystem::path& path) {
    Contexts contexts;
    std::error_code ec;
    if (!std::filesystem::exists(path, ec)) return contexts;
    BULKHEAD_TRY_ASSIGN(const auto text, read_file(path, file_limit));
    const auto root = yaml::parse(text, path.string());
    if (!root) return std::unexpected(root.error().front());
    contexts.current = text_of(*root, "current");
    if (const auto* list = root->find("contexts"))
        for (const auto& item : list->children)
            if (auto endpoint = endpoint_of(item); !endpoint.context.empty())
                contexts.all.push_back(std::move(endpoint));
    return contexts;
}

// Strings of JSON are strings of YAML (YAML 1.2 clause 1.2).
Result<> write_contexts(const std::filesystem::path& path, const Contexts& contexts) {
    std::string text = "current: " + log::json_string(contexts.current) + "\ncontexts:";
    if (contexts.all.empty()) text += " []";
    text += "\n";
    for (const auto& endpoint : contexts.all) {
        for (const auto& [key, member] : fields)
            if (const auto& value = endpoint.*member; !value.empty())
                text += std::string(member == &Endpoint::context ? "  - " : "    ") + key + ": " +
                        log::json_string(value) + "\n";
        if (!endpoint.is_console())
            text += "    socket: " + log::json_string(endpoint.socket.string()) + "\n";
    }
    BULKHEAD_TRY(make_folder(path.parent_path(), 0700));
    return write_file_atomically(path, text, 0600);
}

std::unexpected<Error> no_such_context(const Contexts& contexts, const std::string& name) {
    std::vector<std::string> known;
    for (const auto& endpoint : contexts.all) known.push_back(endpoint.context);
    const auto near = nearest(name, known);
    return fail(Code::not_found, "there is no context '" + name + "'", {}, {},
                near.empty() ? "see them with: bulkhead context list; make one with: bulkhead login HOST:PORT"
                             : "did you mean " + near + "?");
}

}  // namespace bulkhead::cli
