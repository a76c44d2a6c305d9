#include "tests/cli/switch_answers.hpp"

#include <thread>

#include "vnet/capture/pcapng.hpp"

namespace bulkhead::cli {

api::Explanation canned_explanation() {
    api::Explanation explanation;
    explanation.set_apiversion("bulkhead/v1alpha1");
    explanation.set_gateway("press-line-3");
    explanation.set_interface("bhrobot-cell-0");
    explanation.set_end("robot-cell");
    explanation.set_zone("acme-cell");
    auto& verdict = *explanation.add_items();
    verdict.set_frame("tcp 10.20.1.10:40000 > 10.20.9.2:8883 syn");
    verdict.set_verdict("passes");
    verdict.set_to("it-admin");
    verdict.set_to_interface("bhit-admin-0");
    verdict.set_rule(17);
    verdict.set_conduit("readings");
    verdict.set_allows("robot-cell > it-admin tcp/8883");
    verdict.set_place("factory.yaml:41:5");
    verdict.set_counter("conduit/readings/packets");
    verdict.set_counted(1204);
    verdict.set_program("passes");
    return explanation;
}

api::Proof canned_proof() {
    api::Proof proof;
    proof.set_apiversion("bulkhead/v1alpha1");
    proof.set_proved(true);
    proof.set_cases(1204);
    proof.set_ports(3);
    proof.set_rules(2);
    proof.set_conduits(2);
    proof.set_joined(4);
    proof.set_pairs(2);
    proof.set_milliseconds(3.4);
    return proof;
}

api::Proof canned_counterexample() {
    api::Proof proof = canned_proof();
    proof.set_proved(false);
    proof.set_joined(0);
    proof.set_pairs(0);
    auto& hop = *proof.add_counterexample();
    hop.set_from("robot-cell");
    hop.set_to("it-admin");
    hop.set_way("opens");
    hop.set_frame("tcp 10.20.1.10:49152 > 10.20.9.2:8883 syn");
    hop.set_interface("bhrobot-cell-0");
    hop.set_packet("\x02\xff");
    hop.set_rule(17);
    hop.set_conduit("readings");
    hop.set_place("factory.yaml:41:5");
    return proof;
}

api::DenialList canned_denials() {
    api::DenialList list;
    list.set_apiversion("bulkhead/v1alpha1");
    list.set_total(9);
    auto& denial = *list.add_items();
    denial.set_from("robot-cell");
    denial.set_to("press");
    denial.set_address("10.20.2.10");
    denial.set_service("tcp/22");
    denial.set_reason("no_conduit");
    denial.set_count(3);
    denial.set_last("2031-05-04T12:00:00.000Z");
    denial.set_last_seconds(12);
    return list;
}

api::RouterList canned_routers() {
    api::RouterList list;
    list.set_apiversion("bulkhead/v1alpha1");
    auto& router = *list.add_items();
    router.set_tenant("acme");
    router.add_zones("acme-cell");
    router.set_state("working");
    router.set_leases(1);
    router.add_names("example.com");
    router.add_forwards("plant tcp/8443 -> collector:443");
    for (const char* name : {"plant", "mobile"}) {
        auto& uplink = *router.add_uplinks();
        uplink.set_name(name);
        uplink.set_interface("enp2s0.20");
        uplink.set_address("192.0.2.10");
        uplink.set_healthy(uplink.name() == "mobile");
        uplink.set_used(uplink.name() == "mobile");
    }
    return list;
}

api::FlowList canned_flows() {
    api::FlowList list;
    list.set_apiversion("bulkhead/v1alpha1");
    list.set_total(1);
    auto& flow = *list.add_items();
    flow.set_from("robot-cell");
    flow.set_to("it-admin");
    flow.set_transport("tcp");
    flow.set_source("10.20.1.10:40000");
    flow.set_target("10.20.9.2:8883");
    flow.set_state("established");
    flow.set_rule(17);
    flow.set_conduit("readings");
    flow.set_packets(12);
    flow.set_bytes(3400);
    flow.set_opened("2031-05-04T12:00:00.000Z");
    flow.set_opened_seconds(120);
    return list;
}

api::ExplainRequest SwitchAnswers::last_explain() const {
    const std::lock_guard lock(mutex_);
    return explain_;
}

api::ProveRequest SwitchAnswers::last_prove() const {
    const std::lock_guard lock(mutex_);
    return prove_;
}

api::CaptureRequest SwitchAnswers::last_capture() const {
    const std::lock_guard lock(mutex_);
    return capture_;
}

std::string SwitchAnswers::head_of_capture() {
    return vnet::capture::capture_head({"bhrobot-cell-0"});
}

// A file in two pieces.
grpc::Status SwitchAnswers::Capture(grpc::ServerContext* context, const api::CaptureRequest* request,
                                    grpc::ServerWriter<api::CapturePiece>* writer) {
    {
        const std::lock_guard lock(mutex_);
        capture_ = *request;
    }
    if (refuses) return {grpc::StatusCode::NOT_FOUND, "there is no interface or conduit 'press'"};
    api::CapturePiece piece;
    piece.set_what("interface bhrobot-cell-0 of robot-cell");
    piece.set_note("robot-cell does not run");
    piece.set_data(head_of_capture());
    writer->Write(piece);
    piece.Clear();
    const std::string frame(60, 'f');
    piece.set_data(vnet::capture::capture_block({0, false, std::chrono::seconds(1), frame, frame.size()}));
    piece.set_packets(1);
    piece.set_lost(3);
    if (!endless) piece.set_ended("1 packets");
    writer->Write(piece);
    while (endless && !context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::OK;
}

grpc::Status SwitchAnswers::Explain(grpc::ServerContext*, const api::ExplainRequest* request,
                                    api::Explanation* reply) {
    const std::lock_guard lock(mutex_);
    explain_ = *request;
    *reply = canned_explanation();
    if (!disagrees) return grpc::Status::OK;
    reply->set_disagreements(1);
    reply->mutable_items(0)->set_program("dropped: service");
    reply->mutable_items(0)->set_disagreement("the data says passes, the program dropped: service");
    return grpc::Status::OK;
}

grpc::Status SwitchAnswers::Prove(grpc::ServerContext*, const api::ProveRequest* request, api::Proof* reply) {
    const std::lock_guard lock(mutex_);
    prove_ = *request;
    *reply = unproved ? canned_counterexample() : canned_proof();
    return grpc::Status::OK;
}

grpc::Status SwitchAnswers::ListDenials(grpc::ServerContext*, const api::ListRequest*,
                                        api::DenialList* reply) {
    *reply = canned_denials();
    return grpc::Status::OK;
}

grpc::Status SwitchAnswers::ListFlows(grpc::ServerContext*, const api::ListRequest*, api::FlowList* reply) {
    *reply = canned_flows();
    return grpc::Status::OK;
}

grpc::Status SwitchAnswers::ListRouters(grpc::ServerContext*, const api::ListRequest* request,
                                        api::RouterList* reply) {
    if (request->name().empty() || request->name() == "acme") *reply = canned_routers();
    return grpc::Status::OK;
}

}  // namespace bulkhead::cli
