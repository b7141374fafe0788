using System.Diagnostics.Metrics;

namespace ScaleKit.Redis.Tests;

/// <summary>Meters of one test: a listener tells them from those of the tests beside it by their scope.</summary>
internal sealed class OwnMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, options.Version, options.Tags, scope: this);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(meter => meter.Dispose());
}
