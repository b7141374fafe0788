using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace ScaleKit.AspNetCore;

/// <summary>
/// Hands the monitor what the host measures of each request anyway: no middleware, so none that stands at the wrong place of the pipeline, and no frame in each request. Of several hosts in a
/// process it hears its own: their meters have the scope of their factory.
/// </summary>
/// <remarks>Source of the names: OpenTelemetry's semantic conventions for HTTP metrics, which the host follows.</remarks>
internal sealed class RequestDurationListener(ServiceLevelMonitor monitor, IMeterFactory factory) : IHostedService, IDisposable
{
    private const string HostMeter = "Microsoft.AspNetCore.Hosting";
    private const string Duration = "http.server.request.duration";
    private readonly MeterListener _listener = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (string.Equals(instrument.Name, Duration, StringComparison.Ordinal) && string.Equals(instrument.Meter.Name, HostMeter, StringComparison.Ordinal)
                && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                listener.EnableMeasurementEvents(instrument, monitor);
            }
        };
        _listener.SetMeasurementEventCallback<double>(static (_, seconds, tags, state) => Hear((ServiceLevelMonitor)state!, seconds, tags));
        _listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();

    private static void Hear(ServiceLevelMonitor monitor, double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var status = 0;
        var isSocket = false;
        foreach (var tag in tags)
        {
            if (string.Equals(tag.Key, "http.response.status_code", StringComparison.Ordinal))
            {
                status = tag.Value is int code ? code : 0;
            }

            // A WebSocket over HTTP/2; over HTTP/1.1 it is answered with 101.
            isSocket |= string.Equals(tag.Key, "http.request.method", StringComparison.Ordinal) && tag.Value is "CONNECT";
        }

        if (!isSocket && status != 101)
        {
            monitor.Record(TimeSpan.FromSeconds(seconds), isFailed: status >= 500);
        }
    }
}
