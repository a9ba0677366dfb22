package fakegithub

import "net/http"

func (s *Server) pageRoutes() http.Handler { return http.NewServeMux() }
