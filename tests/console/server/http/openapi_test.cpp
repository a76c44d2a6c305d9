// The contract, console/api/openapi.yaml, against the server's routes, the words it takes, and the messages
// that it answers: both ways round.
#include <gtest/gtest.h>

#include <set>

#include "console/server/http/api.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/query.hpp"
#include "console/server/http/routes.hpp"
#include "tests/console/server/http/fake_fleet.hpp"

namespace bulkhead::console::http {
namespace {

using Names = std::set<std::string>;

const Json& document() {
    static const Json parsed = Json::parse(openapi_document());
    return parsed;
}

const Json& resolved(const Json& json) {
    if (!json.contains("$ref")) return json;
    return document().at(Json::json_pointer(json["$ref"].get<std::string>().substr(1)));
}

std::string upper(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

TEST(Openapi, every_route_stands_in_the_document_and_the_other_way_round) {
    FakeFleet fleet;
    const Api api(fleet, Assets(), ApiLimits{});
    Names routes, described;
    for (const auto& route : api.routes()) routes.insert(route.method + " " + route.pattern);
    for (const auto& [path, item] : document()["paths"].items())
        for (const auto& [method, operation] : item.items())
            if (method != "parameters") described.insert(upper(method) + " " + path);
    EXPECT_EQ(routes, described);
}

TEST(Openapi, a_path_says_what_each_of_its_names_is) {
    for (const auto& [path, item] : document()["paths"].items()) {
        Names named;
        for (const auto& parameter : item.value("parameters", Json::array()))
            named.insert(resolved(parameter)["name"].get<std::string>());
        Names wanted;
        for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{', open + 1))
            wanted.insert(path.substr(open + 1, path.find('}', open) - open - 1));
        EXPECT_EQ(named, wanted) << path;
    }
}

Names query_of(const std::string& path) {
    Names names;
    for (const auto& parameter : document()["paths"][path]["get"]["parameters"])
        names.insert(resolved(parameter)["name"].get<std::string>());
    return names;
}

// What the server says that it would take.
template <class Request>
Names taken(Result<Request> (*read)(const Pairs&)) {
    const auto refused = read({{"?", "?"}});
    if (refused) return {};
    Names names;
    std::string text = refused.error().wanted + ", ";
    for (std::size_t comma = 0; (comma = text.find(", ")) != std::string::npos; text.erase(0, comma + 2))
        names.insert(text.substr(0, comma));
    return names;
}

TEST(Openapi, the_words_of_queries_are_those_that_the_server_takes) {
    auto list_words = query_of("/api/v1/gateways");
    list_words.insert("gateway");  // of partitions; a gateway's name is its own
    EXPECT_EQ(list_words, taken(&list_request));
    EXPECT_EQ(query_of("/api/v1/events"), taken(&events_request));
    EXPECT_EQ(query_of("/api/v1/audit"), taken(&window));
    EXPECT_EQ(query_of("/api/v1/gateways/{gateway}/partitions/{partition}/logs"), taken(&log_window));
}

TEST(Openapi, schemas_of_messages_have_the_messages_fields_and_types) {
    const auto* file = api::GatewayList::descriptor()->file();
    const auto* of_switches = api::RouterList::descriptor()->file();
    std::size_t compared = 0;
    for (const auto& [name, schema] : document()["components"]["schemas"].items()) {
        const auto* type = file->FindMessageTypeByName(name);
        if (type == nullptr) type = of_switches->FindMessageTypeByName(name);
        if (type == nullptr) continue;
        ++compared;
        Names fields, properties;
        for (int at = 0; at < type->field_count(); ++at) {
            const auto& field = *type->field(at);
            fields.insert(field.name());
            const auto property = schema["properties"].value(field.name(), Json::object());
            const std::string wanted =
                field.is_map()        ? "object"
                : field.is_repeated() ? "array"
                : field.cpp_type() == field.CPPTYPE_STRING || field.cpp_type() == field.CPPTYPE_ENUM
                    ? "string"
                : field.cpp_type() == field.CPPTYPE_BOOL    ? "boolean"
                : field.cpp_type() == field.CPPTYPE_MESSAGE ? "object"
                                                            : "integer";
            EXPECT_EQ(resolved(property).value("type", ""), wanted) << name << "." << field.name();
        }
        for (const auto& [property, value] : schema["properties"].items()) properties.insert(property);
        EXPECT_EQ(fields, properties) << name;
    }
    EXPECT_GE(compared, 21U);
}

TEST(Openapi, roles_and_rights_are_those_of_the_table) {
    Names roles, rights;
    for (const auto role : {Role::it_admin, Role::ot_operator, Role::vendor, Role::auditor})
        roles.insert(std::string(to_string(role)));
    for (const auto right : rights_of(Role::it_admin)) rights.insert(std::string(to_string(right)));
    EXPECT_EQ(document()["components"]["schemas"]["Role"]["enum"].get<Names>(), roles);
    EXPECT_EQ(document()["components"]["schemas"]["Right"]["enum"].get<Names>(), rights);
}

}  // namespace
}  // namespace bulkhead::console::http
