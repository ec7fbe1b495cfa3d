// Prometheus' own relabelling behind lines of JSON: one chain of rules a line, one answer a line.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	"go.yaml.in/yaml/v2"
)

type chain struct {
	Labels map[string]string `json:"labels"`
	// As a configuration writes them; JSON is YAML.
	Rules []json.RawMessage `json:"rules"`
}

type answer struct {
	Labels map[string]string `json:"labels,omitempty"`
	// The rule that drops the target.
	Dropped *int `json:"dropped,omitempty"`
	// Why each rule is refused, "" for one that is taken; absent when all are.
	Refused []string `json:"refused,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var asked chain
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			log.Fatal(err)
		}
		if err := encoder.Encode(process(asked)); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

func process(asked chain) answer {
	rules, refused := read(asked.Rules)
	if refused != nil {
		return answer{Refused: refused}
	}
	// As discovery fills it: an empty value is no label.
	builder := labels.NewBuilder(labels.EmptyLabels())
	for name, value := range asked.Labels {
		builder.Set(name, value)
	}
	for index, rule := range rules {
		// In alphabetical order, so that labelmap does not depend on the order in which labels were set.
		builder.Reset(builder.Labels())
		if !relabel.ProcessBuilder(builder, rule) {
			return answer{Dropped: &index}
		}
		// Finrst has the classic label names only; labelmap is the one action that makes others.
		builder.Range(func(label labels.Label) {
			if !model.LegacyValidation.IsValidLabelName(label.Name) {
				builder.Del(label.Name)
			}
		})
	}
	return answer{Labels: builder.Labels().Map()}
}

func read(written []json.RawMessage) ([]*relabel.Config, []string) {
	rules := make([]*relabel.Config, len(written))
	refused := make([]string, len(written))
	isRefused := false
	for index, text := range written {
		rule := &relabel.Config{}
		err := yaml.UnmarshalStrict(text, rule)
		if err == nil {
			err = rule.Validate(model.LegacyValidation)
		}
		if err != nil {
			refused[index] = err.Error()
			isRefused = true
		}
		rules[index] = rule
	}
	if !isRefused {
		return rules, nil
	}
	return nil, refused
}
