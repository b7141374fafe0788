using System.Globalization;

namespace ScaleKit.Analysis.Admission;

/// <summary>How many files and sockets this process may have open.</summary>
internal static class OpenFiles
{
    private const int Others = 500;
    private const int Cautious = 1_024;

    /// <summary>Connections whose both ends fit, beside what else is open.</summary>
    public static int ConnectionsToSelf()
    {
        const string Table = "/proc/self/limits";
        var limit = File.Exists(Table) ? File.ReadLines(Table).FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        var soft = limit?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        return (Math.Max(Cautious, int.TryParse(soft, CultureInfo.InvariantCulture, out var files) ? files : Cautious) - Others) / 2;
    }
}
