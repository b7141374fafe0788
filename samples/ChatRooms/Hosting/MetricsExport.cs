using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace ChatRooms;

/// <summary>Sends what the packages, the application and the web server measure to a collector, by OTLP over HTTP.</summary>
internal static class MetricsExport
{
    private const int EveryMilliseconds = 10_000;

    /// <summary>Disposing the provider sends what is left.</summary>
    public static MeterProvider To(Uri collector) => Sdk.CreateMeterProviderBuilder()
        .AddMeter("ScaleKit.*", ChatMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
        .AddOtlpExporter((exporter, reader) =>
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = new Uri(collector, "v1/metrics");
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = EveryMilliseconds;
        })
        .Build();
}
