using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ChatRooms;

/// <summary>Sends what the packages, the application and the web server measure and trace to a collector, by OTLP over HTTP. Disposing a provider sends what is left.</summary>
internal static class TelemetryExport
{
    private const int EveryMilliseconds = 10_000;

    public static MeterProvider Meters(Uri collector) => Sdk.CreateMeterProviderBuilder()
        .AddMeter("ScaleKit.*", ChatMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
        .AddOtlpExporter((exporter, reader) =>
        {
            Send(exporter, collector, "v1/metrics");
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = EveryMilliseconds;
        })
        .Build();

    public static TracerProvider Traces(Uri collector) => Sdk.CreateTracerProviderBuilder()
        .AddSource("ScaleKit.*", "Microsoft.AspNetCore")
        .AddOtlpExporter(exporter => Send(exporter, collector, "v1/traces"))
        .Build();

    private static void Send(OtlpExporterOptions exporter, Uri collector, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri(collector, path);
    }
}
