namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>Which actor of a scenario is which one of its process.</summary>
internal sealed class Cast(Scenario scenario)
{
    private readonly int[] _homes = [.. scenario.Actors.Select(static a => a.Process)];
    private readonly int[] _places = [.. scenario.Actors.Select((a, i) => scenario.Actors.Take(i).Count(other => other.Process == a.Process))];

    public int Count => _homes.Length;

    /// <summary>The process that an actor lives in.</summary>
    public int Home(int actor) => _homes[actor];

    /// <summary>Its place among the actors of that process.</summary>
    public int Place(int actor) => _places[actor];

    public int Actor(int home, int place)
    {
        var actor = 0;
        while (_homes[actor] != home || _places[actor] != place)
        {
            actor++;
        }

        return actor;
    }
}
