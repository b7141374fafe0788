using System.Net;

namespace ChatRooms;

/// <summary>POST /api/migration walks to the rung {"to": "D"} or to the last one; POST /api/switches/{primitive} presses a kill switch. From this machine only.</summary>
internal static class OperatorEndpoints
{
    public static void MapOperator(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api").AddEndpointFilter(OnlyFromHereAsync).RequireRateLimit(Policies.Operator);
        group.MapPost("/migration", MigrateAsync);
        group.MapPost("/switches/{primitive}", SwitchAsync);
    }

    private static async Task<IResult> MigrateAsync(HttpRequest request, MigrationControl migration, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, ChatJson.Default.MigrationRequest, cancellationToken);
        if (problem is not null)
            return problem;
        if (!MigrationControl.TryPhase(body!.To, out var target))
            return Problems.Of(400, "There is no such phase", $"'to' is one of the letters {MigrationControl.Letters}, or left out for the last.");
        return migration.TryStart(target) ? Results.Accepted() : Problems.Of(409, "There is nothing to start", "The migration is running or there already.");
    }

    private static async Task<IResult> SwitchAsync(HttpRequest request, string primitive, KillSwitches switches, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, ChatJson.Default.SwitchRequest, cancellationToken);
        if (problem is not null)
            return problem;
        if (body!.Enabled is not { } enabled)
            return Problems.Of(400, "'enabled' is missing", "Send {\"enabled\": true} or {\"enabled\": false}.");
        return switches.TrySet(primitive, enabled)
            ? Results.NoContent()
            : Problems.Of(404, "There is no such switch", $"The switches are {string.Join(", ", switches.Read().Keys)}.");
    }

    private static ValueTask<object?> OnlyFromHereAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var address = context.HttpContext.Connection.RemoteIpAddress;
        return address is not null && IPAddress.IsLoopback(address) && SameOrigin.Holds(context.HttpContext.Request)
            ? next(context)
            : ValueTask.FromResult<object?>(Problems.Of(403, "For the operator only", "Use the page on the machine on which the server runs."));
    }
}
