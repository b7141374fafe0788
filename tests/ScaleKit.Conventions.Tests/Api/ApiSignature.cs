using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ScaleKit.Conventions.Tests;

/// <summary>One line for one member.</summary>
public static class ApiSignature
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    public static string Of(ConstructorInfo constructor) =>
        $"{Access(constructor)} {constructor.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor)})";

    public static string Of(MethodInfo method) => $"{Access(method)} {Modifiers(method)}{OfMethod(method, method.Name)}";

    public static string OfMethod(MethodInfo method, string name)
    {
        lock (Nullability)
        {
            var arguments = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(ApiName.Of))}>" : "";
            var result = Reference(method.ReturnParameter) + ApiName.Of(method.ReturnType, Nullability.Create(method.ReturnParameter));
            return $"{result} {name}{arguments}({Parameters(method)}){ApiName.Constraints(method.GetGenericArguments())}";
        }
    }

    public static string Of(PropertyInfo property)
    {
        var accessors = new List<string>();
        var widest = property.GetAccessors(nonPublic: true).Where(IsVisible).OrderBy(a => a.IsPublic ? 0 : 1).First();
        if (property.GetMethod is { } get && IsVisible(get))
        {
            accessors.Add(Narrower(get, widest) + "get;");
        }

        if (property.SetMethod is { } set && IsVisible(set))
        {
            var init = set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            accessors.Add(Narrower(set, widest) + (init ? "init;" : "set;"));
        }

        lock (Nullability)
        {
            var required = property.IsDefined(typeof(RequiredMemberAttribute), inherit: false) ? "required " : "";
            var type = Reference(property.GetMethod?.ReturnParameter) + ApiName.Of(property.PropertyType, Nullability.Create(property));
            var index = property.GetIndexParameters();
            var name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
            return $"{Access(widest)} {Modifiers(widest)}{required}{type} {name} {{ {string.Join(' ', accessors)} }}";
        }
    }

    public static string Of(FieldInfo field)
    {
        lock (Nullability)
        {
            var kind = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
            var value = field.IsLiteral ? " = " + Literal(field.GetRawConstantValue()) : "";
            return $"{(field.IsPublic ? "public" : "protected")} {kind}{ApiName.Of(field.FieldType, Nullability.Create(field))} {field.Name}{value}";
        }
    }

    public static string Of(EventInfo happening)
    {
        lock (Nullability)
        {
            return $"{Access(happening.AddMethod!)} {Modifiers(happening.AddMethod!)}event {ApiName.Of(happening.EventHandlerType!, Nullability.Create(happening))} {happening.Name}";
        }
    }

    private static string Narrower(MethodInfo accessor, MethodInfo widest) =>
        accessor.IsPublic == widest.IsPublic ? "" : Access(accessor) + " ";

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
        {
            return method.IsStatic ? "static " : method.IsAbstract ? "" : "default ";
        }

        var overrides = method.GetBaseDefinition() != method;
        return method switch
        {
            { IsStatic: true } => "static ",
            { IsAbstract: true } => overrides ? "abstract override " : "abstract ",
            { IsVirtual: true, IsFinal: false } => overrides ? "override " : "virtual ",
            { IsVirtual: true } when overrides => "sealed override ",
            _ => "",
        };
    }

    private static string Parameters(MethodBase method)
    {
        lock (Nullability)
        {
            var extension = method.IsDefined(typeof(ExtensionAttribute), inherit: false) ? "this " : "";
            return extension + string.Join(", ", method.GetParameters().Select(Parameter));
        }
    }

    private static string Parameter(ParameterInfo parameter)
    {
        var prefix = parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false) || parameter.IsDefined(typeof(ParamCollectionAttribute), inherit: false)
            ? "params " : "";
        var value = parameter.HasDefaultValue ? " = " + Default(parameter) : "";
        return $"{prefix}{Reference(parameter)}{ApiName.Of(parameter.ParameterType, Nullability.Create(parameter))} {parameter.Name}{value}";
    }

    private static string Reference(ParameterInfo? parameter) => parameter switch
    {
        null or { ParameterType.IsByRef: false } => "",
        { IsOut: true } => "out ",
        _ when parameter.GetCustomAttributesData().Any(a => a.AttributeType.Name is nameof(IsReadOnlyAttribute)) => parameter.Position < 0 ? "ref readonly " : "in ",
        _ => "ref ",
    };

    private static string Default(ParameterInfo parameter) =>
        parameter.DefaultValue is null
            ? parameter.ParameterType.IsValueType ? "default" : "null"
            : parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, parameter.DefaultValue).ToString()! : Literal(parameter.DefaultValue);

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        bool flag => flag ? "true" : "false",
        char character => $"'{character}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
