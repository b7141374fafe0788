using System.Globalization;

namespace SessionCache;

/// <summary>Prints what happened and when; what happens again and again is printed once and then counted.</summary>
internal sealed class Timeline
{
    private readonly long _startedAt = TimeProvider.System.GetTimestamp();
    private string _lastEvent = "";
    private int _repeats;

    public void Chapter(string text)
    {
        EndRepeats();
        Console.WriteLine();
        Console.WriteLine(text);
    }

    public void Add(string node, string what)
    {
        EndRepeats();
        Write(node, what);
    }

    /// <summary>An answer: <paramref name="verdict"/> and where it came from make it the same again; its time and age are those of the first.</summary>
    public void Check(string node, SessionCheck check, string who, string verdict, string detail)
    {
        var happened = $"{node} {check.ServedFrom} {verdict}";
        if (string.Equals(happened, _lastEvent, StringComparison.Ordinal))
        {
            _repeats++;
            return;
        }

        EndRepeats();
        Write(node, string.Create(CultureInfo.InvariantCulture, $"is this {who}? {verdict}{detail}, from {check.ServedFrom} in {check.Took.TotalMilliseconds:0.0} ms"));
        _lastEvent = happened;
    }

    public void EndRepeats()
    {
        if (_repeats > 0)
            Console.WriteLine($"             ... and {_repeats} more such answers");
        (_lastEvent, _repeats) = ("", 0);
    }

    private void Write(string node, string what) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(_startedAt).TotalSeconds,7:0.00} s  {node}  {what}"));
}
