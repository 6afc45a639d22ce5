// A device plugin of Nomad for tests: as many GPUs as its configuration says, GPU-0, GPU-1 …, where there are none, and of another
// model, with less memory, L4-0, L4-1 ….
// What has one reserved is told so as by NVIDIA's plugin: in NVIDIA_VISIBLE_DEVICES.
package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/nomad/plugins"
	"github.com/hashicorp/nomad/plugins/base"
	"github.com/hashicorp/nomad/plugins/device"
	"github.com/hashicorp/nomad/plugins/shared/hclspec"
	"github.com/hashicorp/nomad/plugins/shared/structs"
)

type gpus struct {
	Count int `codec:"count"`
	L4s   int `codec:"l4s"`
}

func main() { plugins.Serve(func(hclog.Logger) interface{} { return &gpus{} }) }

func (*gpus) PluginInfo() (*base.PluginInfoResponse, error) {
	versions := []string{device.ApiVersion010}
	return &base.PluginInfoResponse{Type: base.PluginTypeDevice, PluginApiVersions: versions, PluginVersion: "v0.1.0", Name: "fake-gpu"}, nil
}

func (*gpus) ConfigSchema() (*hclspec.Spec, error) {
	return hclspec.NewObject(map[string]*hclspec.Spec{
		"count": hclspec.NewAttr("count", "number", true),
		"l4s":   hclspec.NewDefault(hclspec.NewAttr("l4s", "number", false), hclspec.NewLiteral("0")),
	}), nil
}

func (g *gpus) SetConfig(config *base.Config) error {
	return base.MsgPackDecode(config.PluginConfig, g)
}

// The channel stays open: Nomad takes its end for the plugin's.
func (g *gpus) Fingerprint(context.Context) (<-chan *device.FingerprintResponse, error) {
	groups := []*device.DeviceGroup{group("H100", 81920, "GPU", g.Count)}
	if g.L4s > 0 {
		groups = append(groups, group("L4", 24576, "L4", g.L4s))
	}
	found := make(chan *device.FingerprintResponse, 1)
	found <- device.NewFingerprint(groups...)
	return found, nil
}

func group(model string, memory int64, prefix string, count int) *device.DeviceGroup {
	group := &device.DeviceGroup{Vendor: "nvidia", Type: "gpu", Name: model}
	group.Attributes = map[string]*structs.Attribute{"memory": {Int: &memory, Unit: "MiB"}}
	for index := range count {
		group.Devices = append(group.Devices, &device.Device{ID: fmt.Sprintf("%s-%d", prefix, index), Healthy: true})
	}
	return group
}

func (*gpus) Reserve(ids []string) (*device.ContainerReservation, error) {
	return &device.ContainerReservation{Envs: map[string]string{"NVIDIA_VISIBLE_DEVICES": strings.Join(ids, ",")}}, nil
}

func (*gpus) Stats(context.Context, time.Duration) (<-chan *device.StatsResponse, error) {
	return make(chan *device.StatsResponse), nil
}
