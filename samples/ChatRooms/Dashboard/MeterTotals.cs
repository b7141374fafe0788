using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ChatRooms;

/// <summary>Listens to the meters of the packages and of the application, as any exporter would, and keeps totals and latencies.</summary>
internal sealed class MeterTotals : IDisposable
{
    private readonly ConcurrentDictionary<Series, StrongBox> _totals = new();
    private readonly ConcurrentDictionary<string, LatencyWindow> _latencies = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly TimeProvider _time;

    public MeterTotals(TimeProvider time)
    {
        _time = time;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            var name = instrument.Meter.Name;
            if ((name.StartsWith("ScaleKit.", StringComparison.Ordinal) || name == ChatMetrics.MeterName) && !instrument.IsObservable)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Count(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Time(instrument, value));
        _listener.Start();
    }

    /// <summary>The sum of a counter over the series that have all of <paramref name="tags"/>.</summary>
    public long Total(string instrument, params ReadOnlySpan<string> tags)
    {
        long sum = 0;
        foreach (var (series, total) in _totals)
        {
            if (series.Instrument != instrument)
                continue;
            var all = true;
            foreach (var tag in tags)
                all &= series.First == tag || series.Second == tag;
            if (all)
                sum += Volatile.Read(ref total.Value);
        }
        return sum;
    }

    public LatencyWindow Latency(string instrument) => _latencies.GetOrAdd(instrument, static (_, time) => new LatencyWindow(time), _time);

    public void Dispose() => _listener.Dispose();

    private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = new Series(instrument.Name, tags.Length > 0 ? tags[0].Value as string : null, tags.Length > 1 ? tags[1].Value as string : null);
        Interlocked.Add(ref _totals.GetOrAdd(series, static _ => new StrongBox()).Value, value);
    }

    private void Time(Instrument instrument, double seconds)
    {
        if (instrument.Unit == "s")
            Latency(instrument.Name).Record(seconds);
    }

    private readonly record struct Series(string Instrument, string? First, string? Second);

    private sealed class StrongBox
    {
        public long Value;
    }
}
