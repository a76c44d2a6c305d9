#include "console/server/http/server.hpp"

#include <charconv>
#include <mutex>
#include <utility>

#include "base/log.hpp"
#include "console/server/http/json.hpp"
#include "console/server/http/listener.hpp"
#include "console/server/http/origin.hpp"
#include "console/server/http/query.hpp"
#include "console/server/http/wire.hpp"

namespace bulkhead::console {
namespace {

using http::Wire;

constexpr std::size_t workers = 24;  // beside those of streams
constexpr int most_requests = 200;   // of one connection

struct Framing {
    std::size_t length = 0;
    bool chunked = false;
    bool wrong = false;  // two lengths, or a length and chunks: two readers may see two requests
};

Framing framing_of(const httplib::Request& request) {
    Framing framing;
    const auto lengths = request.get_header_value_count("Content-Length");
    framing.chunked = request.has_header("Transfer-Encoding");
    framing.wrong = lengths > 1 || (framing.chunked && lengths > 0);
    if (framing.chunked)
        framing.wrong |= request.get_header_value_count("Transfer-Encoding") > 1 ||
                         request.get_header_value("Transfer-Encoding") != "chunked";
    if (lengths == 1) {
        const auto text = request.get_header_value("Content-Length");
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), framing.length);
        framing.wrong |= failure != std::errc{} || end != text.data() + text.size();
    }
    return framing;
}

http::Request exchanged(const httplib::Request& request, std::string body, bool secure) {
    const auto header = [&](const char* name) { return request.get_header_value(name); };
    http::Request own{.method = request.method,
                      .path = request.path,
                      .query = http::decode_query(request.target),
                      .body = std::move(body),
                      .address = request.remote_addr,
                      .secure = secure,
                      .host = header("Host"),
                      .origin = header("Origin"),
                      .fetch_site = header("Sec-Fetch-Site"),
                      .cookie = header("Cookie"),
                      .authorization = header("Authorization"),
                      .if_none_match = header("If-None-Match")};
    for (const auto* name : {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"})
        own.proxied |= request.has_header(name);
    return own;
}

void write(http::Response own, httplib::Response& response) {
    response.status = own.status;
    for (const auto& [name, value] : own.headers) response.set_header(name, value);
    if (!own.events) {
        if (!own.type.empty() && own.status != 304) response.set_content(own.body, own.type);
        return;
    }
    // Shared, because the library keeps a copyable function.
    const std::shared_ptr<http::EventSource> events = std::move(own.events);
    response.set_chunked_content_provider(own.type, [events](size_t /*offset*/, httplib::DataSink& sink) {
        const auto text = events->next();
        if (!text) {
            sink.done();
            return true;
        }
        return sink.write(text->data(), text->size());
    });
}

// A body's text, or why it is not taken.
Result<std::string> body_of(const httplib::Request& request, const httplib::ContentReader& read,
                            std::size_t limit) {
    std::string body;
    const auto type = request.get_header_value("Content-Type");
    if (type.substr(0, type.find(';')) != "application/json" || request.has_header("Content-Encoding"))
        return fail(Code::unsupported, "this kind of body is not taken", "Content-Type", "application/json");
    bool large = false;
    const bool complete = read([&](const char* bytes, size_t size) {
        large = size > limit - body.size();
        if (!large) body.append(bytes, size);
        return !large;
    });
    if (large)
        return fail(Code::conflict, "the body is too large", "body",
                    std::to_string(limit) + " bytes at most");
    if (!complete) return fail(Code::invalid, "the body is not complete", "body");
    return body;
}

int status_of_body(const Error& error) {
    return error.code == Code::unsupported ? 415 : error.code == Code::conflict ? 413 : 400;
}

// The library's server as a parser of requests and writer of answers: connections are ours.
template <class Base>
class Front : public Base {
  public:
    template <class... Arguments>
    explicit Front(http::Api& api, bool secure, Arguments&&... arguments)
        : Base(std::forward<Arguments>(arguments)...), api_(api), secure_(secure) {
        this->set_payload_max_length(http::large_body);
        this->set_keep_alive_max_count(most_requests);  // what it tells clients
        this->set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
            return answered_without_body(request, response) ? httplib::Server::HandlerResponse::Handled
                                                            : httplib::Server::HandlerResponse::Unhandled;
        });
        const auto with_body = [this](const httplib::Request& request, httplib::Response& response,
                                      const httplib::ContentReader& read) {
            answer_with_body(request, response, read);
        };
        const std::string any = R"([\s\S]*)";
        this->Post(any, with_body);
        this->Put(any, with_body);
        this->Delete(any, with_body);
    }

    // The library takes an open listening socket as the sign that it is not being stopped.
    void listens_on(int fd) { this->svr_sock_ = fd; }

    void serve(Wire& wire) {
        if (!wire.greet()) return;
        for (int count = 1; count <= most_requests && wire.await_request(); ++count)
            if (!one_request(wire, count == most_requests)) break;
        wire.say_goodbye();
    }

  private:
    bool one_request(Wire& wire, bool last) {
        bool closed = false;
        const auto set_up = [&wire](httplib::Request& request) {
            // Of parts of an answer we make none; asking for thousands of overlapping ones would cost memory.
            request.ranges.clear();
            request.headers.erase("Range");
            const auto framing = framing_of(request);
            wire.expect_body(framing.length, framing.chunked || framing.wrong);
        };
        bool well = false;
        // A newer release of the library wants to be told the addresses.
        if constexpr (requires { this->process_request(wire, last, closed, set_up); }) {
            well = this->process_request(wire, last, closed, set_up);
        } else {
            std::string peer, own;
            int peer_port = 0, own_port = 0;
            wire.get_remote_ip_and_port(peer, peer_port);
            wire.get_local_ip_and_port(own, own_port);
            well = this->process_request(wire, peer, peer_port, own, own_port, last, closed, set_up);
        }
        return well && !closed && wire.is_at_boundary();
    }

    void reply(const httplib::Request& request, std::string body, httplib::Response& response) {
        write(api_.answer(exchanged(request, std::move(body), secure_)), response);
    }

    bool answered_without_body(const httplib::Request& request, httplib::Response& response) {
        const auto framing = framing_of(request);
        if (framing.wrong) {
            write(http::refusal(Error{Code::invalid, "the length of the body is ambiguous", "Content-Length",
                                      "one", ""}),
                  response);
            return true;
        }
        const auto limit = api_.body_limit(request.method, request.path);
        if (limit > 0 && framing.length > limit) {
            write(http::refusal(413, Error{Code::invalid, "the body is too large", "body",
                                           std::to_string(limit) + " bytes at most", ""}),
                  response);
            return true;
        }
        if (limit > 0 && (framing.length > 0 || framing.chunked)) return false;
        reply(request, {}, response);
        return true;
    }

    void answer_with_body(const httplib::Request& request, httplib::Response& response,
                          const httplib::ContentReader& read) {
        auto body = body_of(request, read, api_.body_limit(request.method, request.path));
        if (!body) {
            auto error = body.error();
            const int status = status_of_body(error);
            error.code = Code::invalid;
            write(http::refusal(status, error), response);
            return;
        }
        reply(request, *std::move(body), response);
    }

    http::Api& api_;
    const bool secure_;
};

using Plain = Front<httplib::Server>;
using Secure = Front<httplib::SSLServer>;

}  // namespace

struct HttpServer::Inside {
    HttpOptions options;
    http::Api api;
    std::unique_ptr<http::Listener> listener;
    std::unique_ptr<Plain> plain;    // either this
    std::unique_ptr<Secure> secure;  // or this
    std::mutex loading;              // of certificate and key
    std::filesystem::file_time_type loaded;

    Wire wire_of(int fd);
    void serve(int fd);
};

// A renewed certificate is taken with the next connection. One that can't be read now leaves the old one.
Wire HttpServer::Inside::wire_of(int fd) {
    const http::WireLimits limits{.request = options.request_time};
    if (!secure) return {fd, nullptr, limits};
    const std::lock_guard lock(loading);
    SSL_CTX* context = secure->ssl_context();
    std::error_code failure;
    const auto written = std::filesystem::last_write_time(options.certificate, failure);
    if (!failure && written != loaded) {
        loaded = written;
        if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1 ||
            SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1)
            log::error("the TLS certificate can't be read again", {{"file", options.certificate.string()}});
    }
    return {fd, context, limits};
}

void HttpServer::Inside::serve(int fd) {
    Wire wire = wire_of(fd);
    if (secure)
        secure->serve(wire);
    else
        plain->serve(wire);
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(Fleet& fleet, HttpOptions options) {
    const bool with_tls = !options.certificate.empty();
    if (!with_tls && !http::is_loopback(options.address))
        return fail(Code::refused, "passwords would cross the network in the clear", options.address,
                    "TLS on every address but loopback",
                    "give --certificate and --key, or listen on 127.0.0.1");
    http::Assets assets;
    if (!options.assets.empty()) {
        BULKHEAD_TRY_ASSIGN(assets, http::Assets::open(options.assets));
    }
    const auto threads = options.limits.streams + workers;
    // On loopback all may be of one proxy, whose own bounds count.
    const auto of_one = http::is_loopback(options.address) ? threads : threads / 2;
    BULKHEAD_TRY_ASSIGN(auto listener, http::Listener::open(options.address, options.port, threads, of_one));
    const auto limits = options.limits;
    std::unique_ptr<Inside> inside(new Inside{
        std::move(options), {fleet, std::move(assets), limits}, std::move(listener), nullptr, nullptr});
    if (with_tls) {
        inside->secure = std::make_unique<Secure>(inside->api, true, inside->options.certificate.c_str(),
                                                  inside->options.key.c_str());
        if (!inside->secure->is_valid())
            return fail(Code::invalid, "the TLS certificate and key can't be used",
                        inside->options.certificate.string(), "a PEM chain and its key");
        SSL_CTX_set_min_proto_version(inside->secure->ssl_context(), TLS1_3_VERSION);
        inside->secure->listens_on(inside->listener->fd());
    } else {
        inside->plain = std::make_unique<Plain>(inside->api, false);
        inside->plain->listens_on(inside->listener->fd());
    }
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(inside)));
}

HttpServer::HttpServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {
}
HttpServer::~HttpServer() {
    stop();
}

std::uint16_t HttpServer::port() const {
    return inside_->listener->port();
}

std::string HttpServer::url() const {
    const auto& address = inside_->options.address;
    const auto host = address.find(':') == std::string::npos ? address : "[" + address + "]";
    return (inside_->secure ? "https://" : "http://") + host + ":" + std::to_string(port());
}

void HttpServer::run() {
    inside_->listener->run([this](int fd) { inside_->serve(fd); });
}

void HttpServer::stop() {
    inside_->api.stop();
    inside_->listener->stop();
}

}  // namespace bulkhead::console
