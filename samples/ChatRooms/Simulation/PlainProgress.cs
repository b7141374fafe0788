using System.Globalization;

namespace ChatRooms;

/// <summary>Progress for a log file: a line each five seconds, and one when something is done.</summary>
internal sealed class PlainProgress(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (long At, double Part)> _shown = new(StringComparer.Ordinal);

    public void Show(string what, double part)
    {
        if (_shown.TryGetValue(what, out var last) && (last.Part >= 1 || (part < 1 && time.GetElapsedTime(last.At) < Pause)))
            return;
        _shown[what] = (time.GetTimestamp(), part);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what} {100 * part:0} %"));
    }
}
