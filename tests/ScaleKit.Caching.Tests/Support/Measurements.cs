using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ScaleKit.Caching.Tests;

/// <summary>Listens to one cache's instruments.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly ConcurrentDictionary<string, long> _observed = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<double>> _values = new();

    public Measurements(string cacheName)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == CachingDiagnostics.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(cacheName, instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            if (IsOf(cacheName, tags))
                _values.GetOrAdd(instrument.Name, static _ => new()).Enqueue(value);
            Add(cacheName, instrument, 1, tags);
        });
        _listener.Start();
    }

    public long this[string name] => _sums.GetValueOrDefault(name);

    /// <summary>What a histogram was given, in order.</summary>
    public IEnumerable<double> Values(string name) => _values.TryGetValue(name, out var values) ? values : [];

    /// <summary>Every instrument with its tag value that was heard of.</summary>
    public ICollection<string> Names => _sums.Keys;

    /// <summary>What the gauges say now.</summary>
    public IReadOnlyDictionary<string, long> Observe()
    {
        _observed.Clear();
        _listener.RecordObservableInstruments();
        return new Dictionary<string, long>(_observed);
    }

    public void Dispose() => _listener.Dispose();

    private void Add(string cacheName, Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // Other caches' hits first, and no lambda below that captures anything: the tests that count allocations run beside this one, the listener runs on their
        // threads, and a captured parameter is allocated at the beginning of the method.
        if (!IsOf(cacheName, tags))
            return;
        var detail = "";
        foreach (var tag in tags)
        {
            if (tag.Key != CachingDiagnostics.CacheTag)
                detail = "/" + tag.Value;
        }

        if (instrument.IsObservable)
            _observed[instrument.Name] = value;
        else
            _sums.AddOrUpdate(instrument.Name + detail, static (_, v) => v, static (_, sum, v) => sum + v, value);
    }

    private static bool IsOf(string cacheName, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == CachingDiagnostics.CacheTag && Equals(tag.Value, cacheName))
                return true;
        }

        return false;
    }
}
