using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ScaleKit.Admission.Tests;

/// <summary>Keeps the meters of one test apart from those of others.</summary>
internal sealed class TestMeterFactory : IMeterFactory
{
    public ConcurrentBag<Meter> Meters { get; } = [];

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        Meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        foreach (var meter in Meters)
        {
            meter.Dispose();
        }
    }
}
