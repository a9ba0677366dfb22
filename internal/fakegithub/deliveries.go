package fakegithub

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// getHookConfig tells where webhooks go; the secret is never shown.
func getHookConfig(s *Server, _ *call) (any, error) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	return object{"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": s.hooks.url}, nil
}

// listDeliveries gives the newest first. Its pages go by cursor: the next one is in the Link header only.
func listDeliveries(s *Server, c *call) (any, error) {
	q := c.URL.Query()
	size := min(number(q.Get("per_page"), 30), 100)
	all := s.Deliveries()
	slices.Reverse(all)
	if before, err := strconv.ParseInt(q.Get("cursor"), 10, 64); err == nil {
		all = slices.DeleteFunc(all, func(d Delivery) bool { return d.ID >= before })
	}
	if len(all) > size {
		all = all[:size]
		q.Set("cursor", strconv.FormatInt(all[size-1].ID, 10))
		c.reply.Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, s.url+c.URL.Path, q.Encode()))
	}
	return views(all, deliveryView), nil
}

func getDelivery(s *Server, c *call) (any, error) {
	id := pathID(c, "delivery_id")
	for _, d := range s.Deliveries() {
		if d.ID != id {
			continue
		}
		view := deliveryView(d)
		view["request"] = object{"headers": d.headers, "payload": json.RawMessage(d.Payload)}
		view["response"] = object{"headers": d.answered, "payload": string(d.answer)}
		return view, nil
	}
	return nil, notFound
}

func redeliver(s *Server, c *call) (any, error) {
	if !s.hooks.redeliver(pathID(c, "delivery_id")) {
		return nil, notFound
	}
	c.status = http.StatusAccepted
	return object{}, nil
}

func deliveryView(d Delivery) object {
	return object{
		"id": d.ID, "guid": d.GUID, "delivered_at": stamp(d.At), "redelivery": d.Redelivery, "duration": d.Took.Seconds(),
		"status": d.Status, "status_code": d.StatusCode, "event": d.Event, "action": orNull(d.Action),
		"installation_id": idOrNull(d.Installation), "repository_id": idOrNull(d.Repository), "throttled_at": nil,
	}
}
