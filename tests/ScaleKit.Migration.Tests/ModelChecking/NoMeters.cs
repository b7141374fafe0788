using System.Diagnostics.Metrics;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>A disposed meter makes instruments that nobody keeps: millions of processes live and die in a search.</summary>
internal sealed class NoMeters : IMeterFactory
{
    private readonly Meter _meter = new(MigrationDiagnostics.MeterName + ".None");

    private NoMeters() => _meter.Dispose();

    public static IMeterFactory Factory { get; } = new NoMeters();

    public Meter Create(MeterOptions options) => _meter;

    public void Dispose()
    {
        // Disposed from the start.
    }
}
