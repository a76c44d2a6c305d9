#include "console/server/http/json.hpp"

#include <google/protobuf/descriptor.h>

namespace bulkhead::console::http {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// `at` below zero: the field itself, else an element of it.
Json value_of(const Message& message, const FieldDescriptor& field, int at) {
    const Reflection& is = *message.GetReflection();
    const bool one = at < 0;
    switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_BOOL:
            return one ? is.GetBool(message, &field) : is.GetRepeatedBool(message, &field, at);
        case FieldDescriptor::CPPTYPE_INT32:
            return one ? is.GetInt32(message, &field) : is.GetRepeatedInt32(message, &field, at);
        case FieldDescriptor::CPPTYPE_INT64:
            return one ? is.GetInt64(message, &field) : is.GetRepeatedInt64(message, &field, at);
        case FieldDescriptor::CPPTYPE_UINT32:
            return one ? is.GetUInt32(message, &field) : is.GetRepeatedUInt32(message, &field, at);
        case FieldDescriptor::CPPTYPE_UINT64:
            return one ? is.GetUInt64(message, &field) : is.GetRepeatedUInt64(message, &field, at);
        case FieldDescriptor::CPPTYPE_STRING:
            return one ? is.GetString(message, &field) : is.GetRepeatedString(message, &field, at);
        case FieldDescriptor::CPPTYPE_ENUM: {
            const auto* value = one ? is.GetEnum(message, &field) : is.GetRepeatedEnum(message, &field, at);
            return std::string(value->name());
        }
        case FieldDescriptor::CPPTYPE_MESSAGE:
            return to_json(one ? is.GetMessage(message, &field) : is.GetRepeatedMessage(message, &field, at));
        case FieldDescriptor::CPPTYPE_FLOAT:
        case FieldDescriptor::CPPTYPE_DOUBLE:
            break;  // none in our API; a test reads the descriptors
    }
    return nullptr;
}

Json map_of(const Message& message, const FieldDescriptor& field) {
    Json map = Json::object();
    const auto& entry = *field.message_type();
    for (int at = 0; at < message.GetReflection()->FieldSize(message, &field); ++at) {
        const auto& pair = message.GetReflection()->GetRepeatedMessage(message, &field, at);
        const Json key = value_of(pair, *entry.map_key(), -1);
        map[key.is_string() ? key.get<std::string>() : key.dump()] = value_of(pair, *entry.map_value(), -1);
    }
    return map;
}

}  // namespace

Json to_json(const Message& message) {
    Json json = Json::object();
    const auto& type = *message.GetDescriptor();
    for (int index = 0; index < type.field_count(); ++index) {
        const auto& field = *type.field(index);
        const std::string name(field.name());
        if (field.is_map()) {
            json[name] = map_of(message, field);
        } else if (field.is_repeated()) {
            json[name] = Json::array();
            for (int at = 0; at < message.GetReflection()->FieldSize(message, &field); ++at)
                json[name].push_back(value_of(message, field, at));
        } else if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
                   message.GetReflection()->HasField(message, &field)) {
            json[name] = value_of(message, field, -1);
        }
    }
    return json;
}

Json to_json(const Error& error) {
    return {{"code", std::string(code_name(error.code))},
            {"what", error.what},
            {"where", error.where},
            {"wanted", error.wanted},
            {"mend", error.mend}};
}

Json to_json(const Errors& errors) {
    Json list = Json::array();
    for (const auto& error : errors) list.push_back(to_json(error));
    return {{"errors", std::move(list)}};
}

int status_of(Code code) {
    switch (code) {
        case Code::invalid:
            return 400;
        case Code::refused:
            return 403;
        case Code::not_found:
            return 404;
        case Code::conflict:
            return 409;
        case Code::locked:
            return 423;
        case Code::unsupported:
        case Code::newer:
            return 501;
        case Code::unavailable:
            return 503;
        case Code::timeout:
            return 504;
        case Code::corrupt:
        case Code::io:
        case Code::internal:
            return 500;
    }
    return 500;
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Response answer(const Json& json, int status) {
    Response response;
    response.status = status;
    response.body = text_of(json);
    return response;
}

Response no_content() {
    Response response;
    response.status = 204;
    response.type.clear();
    return response;
}

Response refusal(const Error& error) {
    return refusal(Errors{error});
}

Response refusal(const Errors& errors) {
    return answer(to_json(errors), errors.empty() ? 500 : status_of(errors.front().code));
}

Response refusal(int status, const Error& error) {
    return answer(to_json(Errors{error}), status);
}

}  // namespace bulkhead::console::http
