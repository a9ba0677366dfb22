{{- define "tamer.pod" -}}
metadata:
  labels:
    {{- include "tamer.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    checksum/settings: {{ toYaml .Values.settings | sha256sum }}
    {{- with .Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "tamer.serviceAccount" . }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automount }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: tamer
      image: {{ include "tamer.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve{{ if .Values.settings }}, --config, /etc/tamer/tamer.yaml{{ end }}]
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      env:
        {{- include "tamer.env" . | nindent 8 }}
      {{- with .Values.extraEnvFrom }}
      envFrom: {{ toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - {name: http, containerPort: 3000}
        - {name: admin, containerPort: 3001}
      startupProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /healthz, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: http}
        periodSeconds: 5
        timeoutSeconds: 5
      lifecycle:
        preStop: # until nobody sends webhooks here any more
          exec: {command: [sleep, "5"]}
      resources: {{ toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - {name: data, mountPath: /var/lib/tamer}
        - {name: tmp, mountPath: /tmp}
        {{- if .Values.github.existingSecret }}
        - {name: github, mountPath: /run/secrets/github, readOnly: true}
        {{- end }}
        {{- if .Values.database.existingSecret }}
        - {name: database, mountPath: /run/secrets/database, readOnly: true}
        {{- end }}
        {{- if .Values.sink.existingSecret }}
        - {name: sink, mountPath: /run/secrets/sink, readOnly: true}
        {{- end }}
        {{- if .Values.settings }}
        - {name: settings, mountPath: /etc/tamer, readOnly: true}
        {{- end }}
        {{- with .Values.extraVolumeMounts }}{{ toYaml . | nindent 8 }}{{ end }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: 1Gi}
    {{- if eq .Values.database.type "postgresql" }}
    - name: data
      emptyDir: {sizeLimit: {{ .Values.mirrorsSize }}}
    {{- else if .Values.persistence.existingClaim }}
    - name: data
      persistentVolumeClaim: {claimName: {{ .Values.persistence.existingClaim }}}
    {{- end }}
    {{- with .Values.github.existingSecret }}
    - name: github
      secret: {secretName: {{ . }}, defaultMode: 0440}
    {{- end }}
    {{- with .Values.database.existingSecret }}
    - name: database
      secret: {secretName: {{ . }}, defaultMode: 0440}
    {{- end }}
    {{- with .Values.sink.existingSecret }}
    - name: sink
      secret: {secretName: {{ . }}, defaultMode: 0440}
    {{- end }}
    {{- if .Values.settings }}
    - name: settings
      configMap: {name: {{ include "tamer.fullname" . }}}
    {{- end }}
    {{- with .Values.extraVolumes }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- if and (eq .Values.database.type "postgresql") .Values.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels: {{ include "tamer.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "tamer.env" -}}
- {name: TAMER_DATA_DIR, value: /var/lib/tamer}
- {name: TAMER_LISTEN, value: ":3000"}
- {name: TAMER_ADMIN_LISTEN, value: ":3001"}
- {name: TAMER_LOG_LEVEL, value: {{ .Values.logLevel | quote }}}
- {name: TAMER_GITHUB_URL, value: {{ .Values.github.url | quote }}}
{{- if gt (int .Values.github.appId) 0 }}
- {name: TAMER_APP_ID, value: {{ .Values.github.appId | int64 | quote }}}
- {name: TAMER_PRIVATE_KEY_FILE, value: {{ printf "/run/secrets/github/%s" .Values.github.privateKeyKey | quote }}}
- {name: TAMER_WEBHOOK_SECRET_FILE, value: {{ printf "/run/secrets/github/%s" .Values.github.webhookSecretKey | quote }}}
{{- end }}
{{- if .Values.database.existingSecret }}
- {name: TAMER_DATABASE_URL_FILE, value: {{ printf "/run/secrets/database/%s" .Values.database.urlKey | quote }}}
{{- end }}
{{- with .Values.sink.url }}
- {name: TAMER_SINK, value: {{ . | quote }}}
{{- end }}
{{- if .Values.sink.existingSecret }}
- {name: TAMER_SINK_SECRET_FILE, value: {{ printf "/run/secrets/sink/%s" .Values.sink.secretKey | quote }}}
{{- end }}
{{- with .Values.resources.limits }}{{ with .memory }}
- name: GOMEMLIMIT # Go collects sooner when it comes near; what git takes is beside it
  valueFrom: {resourceFieldRef: {containerName: tamer, resource: limits.memory, divisor: "1"}}
{{- end }}{{ end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
