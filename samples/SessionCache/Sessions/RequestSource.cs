using System.Diagnostics.Metrics;
using ScaleKit.Caching;

namespace SessionCache;

/// <summary>Hears from the cache's own meter which level answered: what a dashboard shows for a fleet, here call by call, one at a time.</summary>
internal sealed class RequestSource : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private Meter? _meter;

    public RequestSource()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this) && string.Equals(instrument.Name, CachingDiagnostics.Requests, StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(OnRequest);
        _listener.Start();
    }

    public string Last { get; private set; } = "";

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        return _meter = new Meter(options);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter?.Dispose();
    }

    private void OnRequest(Instrument instrument, long count, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        foreach (var tag in tags)
        {
            if (string.Equals(tag.Key, CachingDiagnostics.ResultTag, StringComparison.Ordinal))
            {
                Last = tag.Value switch
                {
                    "l1_hit" => "memory",
                    "l2_hit" => "shared level",
                    "bypass" => "database, cache bypassed",
                    "stale" => "expired value",
                    _ => "database",
                };
            }
        }
    }
}
